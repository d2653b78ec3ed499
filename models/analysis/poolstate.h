// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// What is known of a pool while it was at its ceiling (FP-08, FP-09). Unknown = nothing, never 0.
struct PoolFacts
{
    double ceiling = 0; ///< connections it can have at once
    double active = 0, waiting = 0;
    std::optional<double> waitP99Ms; ///< of those that got one
    std::optional<double> serverActive; ///< statements that the server runs for it
    std::optional<double> serverCpu; ///< 0..1
    std::optional<double> serverCores;
    std::optional<double> demand; ///< arrivals * hold, by Little's law
    std::optional<double> holdMs, usualHoldMs; ///< now, and before it was at its ceiling
    bool leaks = false; ///< by leakOf()
};

/// Why a pool is as it is; the letters are those of the rule catalogue.
enum class PoolCause {
    None, ///< D: not the pool
    CheapQueue, ///< waiting is short: queueing in the application is cheaper than in the server
    Held, ///< A: connections held without work
    Leak, ///< A, and the floor of active ones rises under constant load
    SlowStatements, ///< B: the server works on few long ones
    Demand, ///< more arrivals than the ceiling can serve at the usual hold
    DatabaseBusy, ///< C: more connections make it slower
    TooLarge, ///< C, with more at work than the server can run
    Unknown, ///< saturated, cause unknown: server-side figures are missing
};
/// "database_busy", as stored in pool_verdict.cause.
const char *causeText(PoolCause cause);

/// Thresholds of FP-08, parameters by the catalogue.
struct PoolLimits
{
    double fullAt = 0.95; ///< active / ceiling
    double healthyBelow = 0.70;
    double cheapWaitMs = 50;
    double heldBelow = 0.5; ///< server active / active
    double busyCpu = 0.70;
    double activePerCore = 4;
    double grownHold = 2;
};
PoolCause poolCause(const PoolFacts &facts, const PoolLimits &limits = {});

/// One bin of five minutes.
struct LeakBin
{
    double floor = 0; ///< least active
    double mean = 0; ///< active
    double rate = std::numeric_limits<double>::quiet_NaN(); ///< requests per second; NaN = unknown
};
struct LeakVerdict
{
    enum class Kind { TooShort, Steady, Leak, PossibleLeak, Burst } kind = Kind::TooShort;
    double slopePerHour = 0; ///< of the floor, least squares
    std::optional<double> correlation; ///< of active with the rate; nothing = no rate known
    std::optional<double> exhaustedInS; ///< (size - floor) / slope; nothing = never
    std::size_t bins = 0; ///< since the last restart of the pool
};
/// FP-09. binS: length of a bin. At least 12 bins; a floor that falls to near 0 begins anew.
LeakVerdict leakOf(std::span<const LeakBin> bins, double binS, double size);

} // namespace tailscope::analysis
