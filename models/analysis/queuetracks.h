// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/queues.h"
#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "store/database.h"
#include "store/workspace.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A consumer group on a queue, all partitions together, in order of time.
struct QueueTrack
{
    struct Partition
    {
        std::string name;
        double depth = 0, position = 0, end = 0; ///< the last ones; NaN = unknown
        double deepest = 0; ///< NaN = unknown
        std::optional<Nanos> lastProgress; ///< when the group's position moved last
    };
    std::int64_t source = 0;
    std::string queue, group;
    std::vector<QueuePoint> points;
    std::vector<Partition> partitions; ///< by name
    double retentionMs = 0, oldestAgeMs = 0; ///< the last ones; NaN = unknown
    bool hasPositions = false; ///< QueuePoint::completed is the sum of the group's positions
    double failed = 0; ///< counter, the last one; NaN = unknown
};

/// At most so many moments a group; beyond it every second one is left out, again and again.
inline constexpr std::size_t kMaxQueuePoints = 400'000;

/// Reads queue_sample by source, queue and group. A partition that a moment does not name keeps its figures.
Result<std::vector<QueueTrack>> readQueueTracks(store::Database &reader, std::optional<TimeRange> range,
    const Progress &progress);

/// A row of queue_verdict (see there).
struct QueueVerdict
{
    bool isPhase = false;
    QueueWord word = QueueWord::Unknown;
    std::size_t first = 0, last = 0;
    double arrival = 0, completion = 0, arrivalBefore = 0,
           completionBefore = 0; ///< per second, NaN = unknown
    double members = 0, assigned = 0; ///< median over a phase, else at the end; NaN = unknown
    double membersBefore = 0, deepest = 0; ///< NaN = unknown
    std::optional<double> growth, drainSeconds, oldestAgeSeconds, marginSeconds;
    std::optional<Nanos> lastProgress;
};
/// The whole time first, then the phases.
std::vector<QueueVerdict> queueVerdicts(const QueueTrack &track);

/// Tables queue_verdict and queue_alarm.
Result<WriteRows> computeQueueVerdicts(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
