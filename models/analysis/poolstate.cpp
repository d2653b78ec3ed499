// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolstate.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

const char *causeText(PoolCause cause)
{
    switch (cause) {
    case PoolCause::None:
        return "none";
    case PoolCause::CheapQueue:
        return "cheap_queue";
    case PoolCause::Held:
        return "held";
    case PoolCause::Leak:
        return "leak";
    case PoolCause::SlowStatements:
        return "slow_statements";
    case PoolCause::Demand:
        return "demand";
    case PoolCause::DatabaseBusy:
        return "database_busy";
    case PoolCause::TooLarge:
        return "too_large";
    case PoolCause::Unknown:
        return "unknown";
    }
    return "unknown";
}

PoolCause poolCause(const PoolFacts &facts, const PoolLimits &limits)
{
    const bool isFull = facts.ceiling > 0 && facts.active >= limits.fullAt * facts.ceiling;
    const bool tooMany = facts.serverCores && facts.serverActive
        && *facts.serverActive > limits.activePerCore * *facts.serverCores;
    const bool isBusy = (facts.serverCpu && *facts.serverCpu >= limits.busyCpu) || tooMany;
    if (!isFull)
        return facts.leaks ? PoolCause::Leak : PoolCause::None;
    if (isBusy && tooMany)
        return PoolCause::TooLarge;
    if (facts.waiting <= 0)
        return facts.leaks ? PoolCause::Leak : PoolCause::None;
    if (isBusy)
        return PoolCause::DatabaseBusy;
    if (facts.waitP99Ms && *facts.waitP99Ms < limits.cheapWaitMs)
        return PoolCause::CheapQueue;
    if (facts.serverActive && *facts.serverActive < limits.heldBelow * facts.active)
        return facts.leaks ? PoolCause::Leak : PoolCause::Held;
    if (facts.leaks)
        return PoolCause::Leak;
    if (facts.holdMs && facts.usualHoldMs && *facts.holdMs >= limits.grownHold * *facts.usualHoldMs)
        return PoolCause::SlowStatements;
    if (facts.demand && *facts.demand >= facts.ceiling)
        return PoolCause::Demand;
    // Nothing of the server is known: it may rest or be busy.
    return facts.serverActive || facts.serverCpu ? PoolCause::SlowStatements : PoolCause::Unknown;
}

namespace {

/// Slope by least squares over the index.
double slopeOf(std::span<const LeakBin> bins)
{
    const double n = double(bins.size());
    double sumY = 0, sumXY = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        sumY += bins[i].floor;
        sumXY += double(i) * bins[i].floor;
    }
    const double sumX = n * (n - 1) / 2, sumXX = n * (n - 1) * (2 * n - 1) / 6;
    const double below = n * sumXX - sumX * sumX;
    return below > 0 ? (n * sumXY - sumX * sumY) / below : 0;
}

/// Pearson; 0 where one of the two is constant, nothing where no rate is known.
std::optional<double> correlationOf(std::span<const LeakBin> bins)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (const LeakBin &bin : bins) {
        if (std::isnan(bin.rate))
            continue;
        ++n;
        sx += bin.rate;
        sy += bin.mean;
        sxx += bin.rate * bin.rate;
        syy += bin.mean * bin.mean;
        sxy += bin.rate * bin.mean;
    }
    if (n < 6)
        return std::nullopt;
    const double vx = n * sxx - sx * sx, vy = n * syy - sy * sy;
    if (vx <= 1e-9 * std::max(1.0, n * sxx) || vy <= 1e-9 * std::max(1.0, n * syy))
        return 0.0;
    return (n * sxy - sx * sy) / std::sqrt(vx * vy);
}

} // namespace

LeakVerdict leakOf(std::span<const LeakBin> bins, double binS, double size)
{
    // A restart of the pool: the floor falls from some to almost none within one bin.
    std::size_t begin = 0;
    for (std::size_t i = 1; i < bins.size(); ++i) {
        if (bins[i - 1].floor >= 3 && bins[i].floor <= 0.2 * bins[i - 1].floor)
            begin = i;
    }
    LeakVerdict verdict;
    const std::span<const LeakBin> part = bins.subspan(begin);
    verdict.bins = part.size();
    if (bins.size() < 12 || part.size() < 6 || !(binS > 0))
        return verdict;
    verdict.slopePerHour = slopeOf(part) * 3600 / binS;
    verdict.correlation = correlationOf(part);
    double most = part.front().floor, fallen = 0;
    for (const LeakBin &bin : part) {
        fallen = std::max(fallen, most - bin.floor);
        most = std::max(most, bin.floor);
    }
    const double rise = slopeOf(part) * double(part.size() - 1);
    const bool returns = fallen > 0.5 * std::max(1.0, most - part.front().floor);
    verdict.kind = LeakVerdict::Kind::Steady;
    if (verdict.correlation.value_or(0) > 0.7) {
        if (returns)
            verdict.kind = LeakVerdict::Kind::Burst;
        return verdict;
    }
    if (rise < 1 || returns || std::abs(verdict.correlation.value_or(0)) >= 0.3)
        return verdict;
    verdict.kind = verdict.correlation ? LeakVerdict::Kind::Leak : LeakVerdict::Kind::PossibleLeak;
    if (size > 0)
        verdict.exhaustedInS = std::max(0.0, size - part.back().floor) / verdict.slopePerHour * 3600;
    return verdict;
}

} // namespace tailscope::analysis
