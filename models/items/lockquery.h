// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// One process of a deadlock, in the order of the log. Empty texts are unknown.
struct DeadlockProcess
{
    std::int64_t pid = 0, waitsFor = 0;
    std::string lockType, mode, relation, waitsForText, query;
    std::int64_t statementId = 0; ///< 0 = unknown
    bool cancelled = false; ///< the one that the server chose
};
struct Deadlock
{
    std::int64_t sourceId = 0, number = 0, logId = 0;
    std::optional<Nanos> ts;
    std::int32_t offsetSeconds = 0;
    std::vector<DeadlockProcess> processes;
    /// The statements of its processes without their order: deadlocks of one key are of one pair.
    std::string pairKey() const;
    /// Relations that it is about, joined by ", ": of its locks and of its statements' texts.
    std::string relations() const;
    /// Everything as text, to copy.
    std::string toText() const;
};
/// A wait for a lock: several reports of the same wait are one.
struct LockWait
{
    std::optional<Nanos> ts; ///< of the last report
    std::int64_t blocked = 0, blocker = 0;
    std::string lockType, mode, relation, statement; ///< the statement that waits, where a log tells it
    std::optional<double> waitedMs;
    int reports = 1;
};
struct LockOverview
{
    std::vector<Deadlock> deadlocks; ///< newest first
    std::vector<LockWait> waits; ///< longest first
    bool deadlocksCut = false, waitsCut = false; ///< there are more than are listed
    bool any = false; ///< the workspace has either, at any time
};

/// Deadlocks and waits in a range of time; at most 20,000 of each.
Result<LockOverview> lockOverview(const store::Workspace &workspace, const std::optional<TimeRange> &range,
    const Progress &progress);

} // namespace tailscope::items
