// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/seriesdataquery.h"
#include "session/session.h"

#include <QObject>

#include <map>
#include <memory>
#include <vector>

namespace tailscope::items {

/// What to draw of a series: at most two points a pixel with smallest and largest value, so spikes survive.
struct SeriesPicture
{
    std::vector<analysis::DecimatedPoint> points;
    TimeRange covered; ///< the window the points are of
    Nanos step = 0; ///< width of a bucket
    double low = 0, high = 0; ///< of the whole series
    std::int64_t total = 0; ///< points of the whole series
};

/// The series of the workspace and their points, read by jobs when a lane is first drawn. At most
/// kMaxKeptPoints raw points stay in memory: the series not drawn for the longest time go first. GUI thread.
class SeriesData : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kMaxKeptPoints = 4'000'000;

    explicit SeriesData(session::Session *session, QObject *parent = nullptr);
    ~SeriesData() override;

    const std::vector<SeriesInfo> &series() const { return m_catalogue.series; }
    const SeriesInfo *info(qint64 id) const;
    /// Per source, when the clocks of the sources differ; else empty.
    const std::vector<SourceSpan> &sourceSpans() const { return m_catalogue.spans; }
    /// The newest picture of a series, maybe of another window while the wanted one is being made; nullptr
    /// before the first. Never blocks: what is missing is asked for, and pictureChanged() tells when it is
    /// there.
    const SeriesPicture *picture(qint64 id, TimeRange window, Nanos step);
    bool isBusy() const;
    std::size_t keptPoints() const;

Q_SIGNALS:
    void catalogueChanged();
    void pictureChanged(qint64 id);
    void busyChanged();

private:
    struct Entry;
    void loadCatalogue();
    void load(qint64 id, Entry &entry);
    void makePicture(qint64 id, Entry &entry, TimeRange window, Nanos step);
    void evict(qint64 keep);

    session::Session *m_session;
    session::LatestJob m_catalogueJob;
    SeriesCatalogue m_catalogue;
    std::map<qint64, std::unique_ptr<Entry>> m_entries;
    quint64 m_clock = 0;
};

} // namespace tailscope::items
