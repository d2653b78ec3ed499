// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/unknownreal.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A row of pool_sample; NaN = unknown.
struct PoolSample
{
    Nanos tsNs = 0;
    double capacity = kUnknownReal, active = kUnknownReal, idle = kUnknownReal, waiting = kUnknownReal;
    double maxWaitMs = kUnknownReal, waitP50Ms = kUnknownReal, waitP95Ms = kUnknownReal,
           waitP99Ms = kUnknownReal;
    double acquireTimeoutMs = kUnknownReal, serviceMs = kUnknownReal, throughput = kUnknownReal;
    double acquired = kUnknownReal, created = kUnknownReal, timeouts = kUnknownReal; ///< counters
    double clients = kUnknownReal, maxClients = kUnknownReal;
    double waitTotalMs = kUnknownReal, busyTotalMs = kUnknownReal; ///< counters
    bool busyIncludesWait = false;
};

/// One pool of one instance: its samples in order of time, one a time, of all sources.
struct PoolSeries
{
    std::int64_t serverId = 0; ///< 0 = not of a server
    std::int64_t sourceId = 0; ///< 0 = of several
    std::string kind, pool, instance, mode;
    std::vector<PoolSample> samples;
};

/// A pool, or several instances of it together, at one time. Rates are those since the bin before, by deltas
/// of counters; a counter that fell began anew, and after a gap no rate is known. NaN = unknown.
struct PoolBin
{
    Nanos tsNs = 0;
    int instances = 0;
    double capacity = kUnknownReal, active = kUnknownReal, idle = kUnknownReal, waiting = kUnknownReal;
    double waitP50Ms = kUnknownReal, waitP95Ms = kUnknownReal, waitP99Ms = kUnknownReal; ///< of the worst one
    double maxWaitMs = kUnknownReal, acquireTimeoutMs = kUnknownReal;
    double throughput = kUnknownReal, arrivals = kUnknownReal, timeoutsPerS = kUnknownReal,
           openedPerS = kUnknownReal; ///< per second
    double serviceMs = kUnknownReal; ///< mean time held
    double meanWaitMs = kUnknownReal, meanQueue = kUnknownReal; ///< by counters (Little)
    double busy = kUnknownReal; ///< mean number in use, by counters
    double clients = kUnknownReal, maxClients = kUnknownReal;
    /// What a request that arrives now will wait: waiting / throughput.
    double prospectiveWaitMs() const
    {
        return waiting >= 0 && throughput > 0 ? waiting / throughput * 1000 : kUnknownReal;
    }
};

/// All pools of the workspace, sorted by kind, pool, instance. Rows at one time: the last one read.
Result<std::vector<PoolSeries>> readPools(store::Database &reader, const Progress &progress);

/// Usual distance of samples: the median; 0 with fewer than two.
Nanos sampleStep(const PoolSeries &series);
/// Longer distances are gaps: five steps, at least 15 s.
Nanos gapOf(Nanos step);

/// The bins of one instance, one a sample.
std::vector<PoolBin> binsOf(const PoolSeries &series);
/// Several instances added up at times `step` apart (at most 20,000): each takes its latest sample that is no
/// older than a gap. Waits are those of the worst instance, never averages; a sum of which a part is unknown
/// is unknown.
std::vector<PoolBin> binsOf(const std::vector<const PoolSeries *> &group);

} // namespace tailscope::analysis
