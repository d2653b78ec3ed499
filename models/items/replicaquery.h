// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lagverdicts.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// A replica, ready to be drawn: at most kMaxDrawn moments, of each bin the one with the largest lag.
struct ReplicaLane
{
    static constexpr std::size_t kMaxDrawn = 8'000;

    std::optional<std::int64_t> server;
    std::string name, syncState;
    bool primaryView = false;
    std::vector<analysis::ReplicaPoint> points; ///< thinned out
    std::vector<double> sortedLags; ///< all known ones, ms, ascending
    analysis::LagVerdict whole;
    std::vector<analysis::LagVerdict> episodes;
    std::optional<std::int64_t> received, replayed, timeline; ///< the last ones
    std::optional<double> flushLagMs; ///< P50 of what the primary says: how long it takes to answer a commit
    Nanos step = 0; ///< usual distance of its samples
};

struct SlotState
{
    std::string name, kind, status;
    std::optional<bool> active;
    std::optional<std::int64_t> retained, safe;
    std::optional<double> growth; ///< bytes/s over the range
    Nanos last = 0;
};

struct ReplicaOverview
{
    std::vector<ReplicaLane> lanes; ///< by server and name
    std::vector<SlotState> slotStates;
    std::vector<analysis::PromotionRank> ranks;
    std::vector<std::string> primaries; ///< more than one of one cluster: split brain
    std::string syncNames; ///< synchronous_standby_names as imported; empty = unknown
    std::int64_t all = 0; ///< samples in the workspace, whatever the range
};

/// range: of the samples. Reads replica_sample, slot_sample, session_sample, setting and server.
Result<ReplicaOverview> replicaOverview(const store::Workspace &workspace, std::optional<TimeRange> range,
    const Progress &progress);

/// Share of sorted lags above a time; NaN without samples.
double shareAbove(const std::vector<double> &sorted, double ms);

} // namespace tailscope::items
