// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/seriesdata.h"
#include "items/timelinemodelrows.h"
#include "session/session.h"

#include <QJsonObject>
#include <QObject>
#include <QStringList>

#include <memory>
#include <vector>

namespace tailscope::items {

/// The rows of the timeline and what the user decided about them: pinned, hidden, collapsed, sorted. Follows
/// the data of the session. GUI thread.
class TimelineModel : public QObject
{
    Q_OBJECT
public:
    explicit TimelineModel(session::Session *session, QObject *parent = nullptr);

    const TimelineRows &rows() const { return m_rows; }
    SeriesData *series() const { return m_series; }
    /// Range of everything drawn, after moving unaligned clocks; empty when there is nothing.
    TimeRange range() const { return m_range; }
    /// Names of the sources whose clocks are not aligned with the others.
    const QStringList &unalignedSources() const { return m_unaligned; }
    /// Names of the sources that are not drawn at all, because their clocks cannot be placed among aligned
    /// ones.
    const QStringList &leftOutSources() const { return m_leftOut; }
    /// Figures of a track of the columns; null until counted.
    const TrackFigures *figures(std::uint32_t track) const;
    /// What is added to the times of a track to place it on the axis.
    Nanos shiftOf(std::uint32_t track) const
    {
        return track < m_clocks.tracks.size() ? m_clocks.tracks[track] : 0;
    }
    /// Ranges of the context are in the clock of the spans. Where all of them are moved alike, a range on the
    /// axis is moved back; a range that lies on the axis as it is stays.
    TimeRange fromAxis(TimeRange range) const;
    TimeRange toAxis(TimeRange range) const;
    bool isBusy() const { return m_figuresJob.isRunning() || m_series->isBusy(); }

    TrackSort sort() const { return m_choices.sort; }
    void setSort(TrackSort sort);
    bool showsSeries() const { return m_choices.showSeries; }
    void setShowSeries(bool show);
    void setPinned(const QString &key, bool pinned);
    void setHidden(const QString &key, bool hidden);
    void showHidden();
    void setCollapsed(const QString &key, bool collapsed);
    void setAllCollapsed(bool collapsed);
    void setAllLanes(const QString &key, bool all); ///< of a very deep track
    /// Opens the headers above a track and enough of its lanes, so that its row exists.
    void reveal(std::uint32_t track, std::uint32_t laneInTrack);

    QJsonObject saveChoices() const;
    void restoreChoices(const QJsonObject &state);

Q_SIGNALS:
    void rowsChanged();
    void busyChanged();

private:
    void loadData();
    void placeClocks();
    void countFigures();
    void rebuild();

    session::Session *m_session;
    SeriesData *m_series;
    session::LatestJob m_figuresJob;
    std::shared_ptr<const analysis::SpanColumns> m_columns;
    std::vector<TrackFigures> m_figures;
    ClockShifts m_clocks;
    Nanos m_commonShift = 0; ///< of all tracks that are drawn
    std::vector<std::int64_t> m_leftOutIds;
    QStringList m_unaligned, m_leftOut;
    TimeRange m_range;
    TimelineChoices m_choices;
    TimelineRows m_rows;
};

/// One pass over the columns. Any thread.
std::vector<TrackFigures> countTrackFigures(const analysis::SpanColumns &columns, const CancelToken &cancel);

} // namespace tailscope::items
