// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <limits>
#include <optional>
#include <vector>

namespace tailscope::analysis {

/// Arrivals at a time; between two of them the rate is linear.
struct ArrivalPoint
{
    double atS = 0, ratePerS = 0;
};

/// A pool under more than it can serve (FQ-05): first in, first out, requests as a fluid. Times in seconds.
struct OverloadInput
{
    std::vector<ArrivalPoint> arrivals; ///< ascending; equal times make a step
    double servers = 1;
    double holdS = 0; ///< how long one is held: more than the query (fetch, commit, hand-back)
    double acquireTimeoutS
        = std::numeric_limits<double>::infinity(); ///< who waits longer leaves with an error
    double clientTimeoutS = std::numeric_limits<double>::infinity(); ///< who needs longer in all is gone
};

struct OverloadPoint
{
    double atS = 0, ratePerS = 0;
    double utilisation = 0; ///< of the servers, at most 1
    double backlog = 0;
    double waitS = 0; ///< of a request that arrives now
    double timeoutsPerS = 0; ///< leave the queue now
    double goodputPerS = 0; ///< of those that arrive now: will be answered while the client waits
};

struct OverloadResult
{
    double capacityPerS = 0;
    std::optional<double> pinnedS; ///< all servers busy from here on; nothing = never
    std::optional<double> drainedS; ///< the backlog is gone again; nothing = not within the profile
    std::optional<double> noGoodputS; ///< arrivals from here on are answered too late; nothing = none
    double maxBacklog = 0, maxWaitS = 0;
    double timeoutShare = 0; ///< of the arrivals in the last second of the profile
    double abandoned = 0, timedOut = 0, served = 0, arrived = 0; ///< requests
    std::vector<OverloadPoint> curve; ///< about 500 points

    /// First time at which arrivals wait so long; nothing = never.
    std::optional<double> waitReaches(double seconds) const;
    /// First time at which the utilisation is at least this (0..1].
    std::optional<double> utilisationReaches(double share) const;

    std::vector<double> timesS, waitsS, shares; ///< fine steps behind the two functions
};

/// Any thread. Errors: no arrivals, no servers, no hold time, times that go backwards.
Result<OverloadResult> simulateOverload(const OverloadInput &input);

} // namespace tailscope::analysis
