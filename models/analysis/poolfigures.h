// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/poolhistory.h"
#include "analysis/poolstate.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::analysis {

/// Values of something at times, in order; of the server behind a pool.
using TimedValues = std::vector<std::pair<Nanos, double>>;

/// What is known of a pool beside its own samples.
struct PoolSurroundings
{
    std::string server;
    std::optional<double> serverLimit; ///< usable connections of the server; nothing = unknown
    std::optional<double> serverCores;
    std::optional<double> acquireTimeoutMs, clientTimeoutMs; ///< configured
    TimedValues serverActive, serverCpu; ///< statements at work; share 0..1
};

/// A limit that the pool stayed at.
struct PoolCeiling
{
    bool ofWait = false;
    std::string name;
    double value = 0; ///< connections or ms
    Nanos startNs = 0, endNs = 0;
    std::int64_t samples = 0;
};

/// The figures of one pool over all its bins: columns of pool_verdict, which says what they mean. NaN and
/// nothing = unknown.
struct PoolFigures
{
    std::string verdict = "unknown";
    PoolCause cause = PoolCause::None;
    bool isBurst = false;
    std::int64_t n = 0;
    int instances = 0;
    Nanos startNs = 0, endNs = 0;
    double capacity = kUnknownReal, ceiling = kUnknownReal;
    std::string ceilingName;
    double utilisation = kUnknownReal, utilisationMax = kUnknownReal, busyShare = kUnknownReal;
    std::optional<Nanos> busy70Ns, busy90Ns, pinnedNs, noGoodputNs;
    double above70S = 0, above90S = 0, saturatedS = 0, saturatedShare = 0, slowWaitS = 0;
    double serviceMs = kUnknownReal, usualServiceMs = kUnknownReal;
    double throughput = kUnknownReal, arrivalRate = kUnknownReal, demand = kUnknownReal,
           needed = kUnknownReal, throughputCap = kUnknownReal, deficit = kUnknownReal;
    double waitingMax = kUnknownReal, waitMs = kUnknownReal, waitP50Ms = kUnknownReal,
           waitP95Ms = kUnknownReal, waitP99Ms = kUnknownReal, reachedWaitMs = kUnknownReal;
    double timeouts = kUnknownReal, timeoutShare = kUnknownReal, acquireTimeoutMs = kUnknownReal,
           clientTimeoutMs = kUnknownReal, abandonedShare = kUnknownReal;
    double serverActive = kUnknownReal, serverCpu = kUnknownReal;
    double openedPerS = kUnknownReal, clientsShare = kUnknownReal, idleShare = kUnknownReal;
    LeakVerdict leak;
    std::vector<PoolCeiling> ceilings;
};

/// Any thread; no clock, no hash order.
PoolFigures poolFigures(std::span<const PoolBin> bins, const PoolSurroundings &around);

} // namespace tailscope::analysis
