// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/queuetracks.h"
#include "items/celltable.h"
#include "session/session.h"

#include <QObject>

#include <memory>

namespace tailscope::items {

/// A consumer group on a queue, ready to be drawn: at most kMaxDrawn moments.
struct QueueLane
{
    static constexpr std::size_t kMaxDrawn = 8'000;

    analysis::QueueTrack track; ///< its points are thinned out
    std::vector<double> arrival, completion; ///< per second at each point; NaN = unknown
    analysis::QueueVerdict whole;
    struct Phase
    {
        analysis::QueueVerdict verdict;
        Nanos start = 0, end = 0;
        double depth = 0; ///< at its end; NaN = unknown
        double members = 0, assigned = 0; ///< medians; NaN = unknown
    };
    std::vector<Phase> phases;
    std::vector<analysis::QueueAlarm> alarms;
    Nanos last = 0;
    double depth = 0, members = 0, assigned = 0; ///< at the end; NaN = unknown
    std::string sameAs; ///< group of the same queue whose name is equal without separators
};
struct QueueOverview
{
    std::vector<QueueLane> lanes;
    std::int64_t all = 0; ///< samples in the workspace
};
/// range: of the samples. Reads queue_sample.
Result<QueueOverview> queueOverview(const store::Workspace &workspace, std::optional<TimeRange> range,
    const Progress &progress);

/// Queues and their consumer groups in the shared time range: depth, rates, phases, partitions, and when
/// simple alarms would have fired. Everything that reads comes by a job. GUI thread.
class QueueModel : public QObject
{
    Q_OBJECT
public:
    explicit QueueModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    void choose(int lane); ///< index into overview()->lanes; -1 = none
    int chosen() const { return m_chosen; }

    std::shared_ptr<const QueueOverview> overview() const { return m_overview; } ///< null: not read yet
    const QueueLane *lane() const; ///< the chosen one or null
    CellTable *queues() const { return m_queues; } ///< id = index of the lane
    CellTable *phases() const { return m_phases; }
    CellTable *alarms() const { return m_alarms; }
    CellTable *partitions() const { return m_partitions; }
    bool isBusy() const;
    QString errorText() const { return m_error; }
    QString sql() const;

Q_SIGNALS:
    void changed();
    void chosenChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fill();
    void fillChosen();
    QString leadText(Nanos first) const;

    session::Session *m_session;
    session::LatestJob m_job;
    CellTable *m_queues, *m_phases, *m_alarms, *m_partitions;
    std::shared_ptr<const QueueOverview> m_overview;
    QString m_error;
    int m_chosen = -1;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
