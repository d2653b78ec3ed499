// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/serieslanequery.h"
#include "items/serieslist.h"
#include "session/session.h"

#include <QObject>

namespace tailscope::items {

/// The list of series, the lanes of the chosen and pinned ones in a window of time, what moved at a moment,
/// and one series folded by the clock. Everything is asked by jobs. GUI thread.
class SeriesModel : public QObject
{
    Q_OBJECT
public:
    static constexpr qint64 kMaxCachedPoints = 4'000'000;

    explicit SeriesModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< reading waits while nobody looks
    bool isBusy() const;
    bool isLoaded() const { return m_isLoaded; }
    qint64 all() const { return m_all; } ///< series in the workspace
    QString error() const { return m_error; }
    SeriesListModel *list() const { return m_list; }
    CellTable *foundTable() const { return m_foundTable; }
    const QVector<SeriesFound> &found() const { return m_found; }
    CellTable *movedTable() const { return m_movedTable; }

    /// What is drawn: lanes from top to bottom. Pinned ones stay first.
    void setLanes(QVector<LaneSpec> lanes);
    const QVector<LaneSpec> &laneSpecs() const { return m_specs; }
    void setPinned(int lane, bool pinned);
    SeriesMeasure measure() const { return m_measure; }
    void setMeasure(SeriesMeasure measure);
    /// The window that is looked at and how wide it is in pixels. Pictures of three windows are made.
    void setWindow(TimeRange window, int pixels);
    const QVector<Lane> &lanes() const { return m_lanes; } ///< the newest; maybe still of another window
    TimeRange lanesRange() const { return m_range; } ///< of all points drawn

    void askMoved(Nanos onset);
    std::optional<Nanos> movedAt() const { return m_movedAt; }
    const MovedAnswer &moved() const { return m_moved; }
    void askFold(qint64 id);
    const FoldAnswer &fold() const { return m_fold; }
    qint64 foldOf() const { return m_foldId; }
    void copyCsv(const QVector<qint64> &ids); ///< csvReady() tells

Q_SIGNALS:
    void listChanged();
    void lanesChanged();
    void movedChanged();
    void foldChanged();
    void busyChanged();
    void csvReady(const QString &text);
    void failed(const QString &message);

private:
    void readList();
    void draw();
    void fillFound();
    void fillMoved();

    session::Session *m_session;
    session::LatestJob m_listJob, m_laneJob, m_movedJob, m_foldJob, m_csvJob;
    SeriesListModel *m_list;
    CellTable *m_foundTable, *m_movedTable;
    QVector<SeriesFound> m_found;
    qint64 m_all = 0, m_foldId = 0;
    bool m_isActive = false, m_isStale = true, m_isLoaded = false;
    QString m_error;
    QVector<LaneSpec> m_specs;
    SeriesMeasure m_measure = SeriesMeasure::Auto;
    TimeRange m_window, m_range, m_drawn;
    int m_pixels = 1000;
    QVector<Lane> m_lanes;
    qsizetype m_listed = 0; ///< series in the list
    SeriesCache m_cache;
    std::optional<Nanos> m_movedAt;
    MovedAnswer m_moved;
    FoldAnswer m_fold;
};

} // namespace tailscope::items
