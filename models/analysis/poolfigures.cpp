// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolfigures.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

constexpr double kFullAt = 0.95, kNear = 0.97;
constexpr double kSlowWaitMs = 200, kLongWaitMs = 500;
constexpr Nanos kLeakBin = 300 * kNanosPerSecond;

bool known(double value) { return !std::isnan(value); }
double larger(double a, double b) { return !known(a) ? b : !known(b) ? a : std::max(a, b); }
std::optional<double> optionalOf(double value) { return known(value) ? std::optional(value) : std::nullopt; }

/// Nearest rank; q in hundredths, so that no binary fraction decides a rank.
double rankOf(std::vector<double> values, int hundredths)
{
    if (values.empty())
        return kUnknownReal;
    const std::size_t rank = (values.size() * std::size_t(hundredths) + 99) / 100;
    const auto at = values.begin() + std::ptrdiff_t(std::max<std::size_t>(rank, 1) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// The longest stretch of bins that fulfil something, without a gap between them.
class Stretch
{
public:
    explicit Stretch(Nanos gap)
        : m_gap(gap)
    {}
    void take(const PoolBin &bin, bool holds)
    {
        if (!holds || (m_n > 0 && bin.tsNs - m_last > m_gap))
            m_n = 0;
        if (!holds)
            return;
        if (m_n++ == 0)
            m_begin = bin.tsNs;
        m_last = bin.tsNs;
        if (m_n > samples) {
            samples = m_n;
            startNs = m_begin;
            endNs = m_last;
        }
    }
    double seconds() const { return samples > 0 ? double(endNs - startNs) / 1e9 : 0; }

    std::int64_t samples = 0;
    Nanos startNs = 0, endNs = 0;

private:
    Nanos m_gap, m_begin = 0, m_last = 0;
    std::int64_t m_n = 0;
};

Nanos usualStep(std::span<const PoolBin> bins)
{
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < bins.size(); ++i)
        steps.push_back(bins[i].tsNs - bins[i - 1].tsNs);
    if (steps.empty())
        return 0;
    const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
}

/// What a figure is when it first reaches a limit, between two bins by a line.
std::optional<Nanos> firstReached(std::span<const PoolBin> bins, double ceiling, double share, Nanos gap)
{
    const double limit = ceiling * share;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        if (!(bins[i].active >= limit - 1e-9 * ceiling))
            continue;
        if (i == 0 || !(bins[i - 1].active < limit) || bins[i].tsNs - bins[i - 1].tsNs > gap)
            return bins[i].tsNs;
        const double t = (limit - bins[i - 1].active) / (bins[i].active - bins[i - 1].active);
        return bins[i - 1].tsNs + Nanos(double(bins[i].tsNs - bins[i - 1].tsNs) * t);
    }
    return std::nullopt;
}

bool isFull(const PoolBin &bin, double ceiling) { return ceiling > 0 && bin.active >= kFullAt * ceiling; }

/// Requests wait although nothing is free: the pool is full, or what it shares with others is.
bool isSaturated(const PoolBin &bin, double ceiling)
{
    return bin.waiting > 0 && (isFull(bin, ceiling) || bin.idle < 1);
}

double medianWithin(const TimedValues &values, Nanos start, Nanos end)
{
    std::vector<double> inside;
    for (const auto &[ts, value] : values) {
        if (ts >= start && ts <= end)
            inside.push_back(value);
    }
    return rankOf(std::move(inside), 50);
}

void findCeiling(PoolFigures &figures, std::span<const PoolBin> bins, const PoolSurroundings &around)
{
    double most = kUnknownReal;
    for (const PoolBin &bin : bins) {
        figures.capacity = larger(figures.capacity, bin.capacity);
        most = larger(most, bin.active);
    }
    figures.ceiling = figures.capacity;
    if (known(figures.capacity))
        figures.ceilingName = figures.instances > 1
            ? "pool size of " + std::to_string(figures.instances) + " instances"
            : "pool size";
    // The server gives out less than the pools may ask for.
    if (around.serverLimit && !(figures.ceiling <= *around.serverLimit)) {
        figures.ceiling = *around.serverLimit;
        figures.ceilingName = "max_connections" + (around.server.empty() ? "" : " of " + around.server);
    }
    if (around.serverLimit && figures.instances == 1 && known(most) && most < kFullAt * figures.ceiling) {
        // One of many: waiting with nothing idle below its own size means that the rest has the others.
        Stretch stuck(gapOf(usualStep(bins)));
        for (const PoolBin &bin : bins)
            stuck.take(bin, bin.waiting > 0 && bin.idle < 1);
        if (stuck.samples >= 3) {
            figures.ceiling = most;
            figures.ceilingName
                = "its share of max_connections" + (around.server.empty() ? "" : " of " + around.server);
        }
    }
}

void measureUse(PoolFigures &figures, std::span<const PoolBin> bins, Nanos gap)
{
    const double ceiling = figures.ceiling;
    Stretch above70(gap), above90(gap);
    double use = 0, useS = 0, held = 0, heldS = 0, idle = 0, open = 0, opened = 0, openedS = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const PoolBin &bin = bins[i];
        above70.take(bin, ceiling > 0 && bin.active >= 0.7 * ceiling);
        above90.take(bin, ceiling > 0 && bin.active >= 0.9 * ceiling);
        if (ceiling > 0 && known(bin.active))
            figures.utilisationMax = larger(figures.utilisationMax, bin.active / ceiling);
        if (known(bin.clients) && bin.maxClients > 0)
            figures.clientsShare = larger(figures.clientsShare, bin.clients / bin.maxClients);
        const double seconds
            = i > 0 && bin.tsNs - bins[i - 1].tsNs <= gap ? double(bin.tsNs - bins[i - 1].tsNs) / 1e9 : 0;
        if (known(bin.active)) {
            use += bin.active * seconds;
            useS += seconds;
        }
        if (known(bin.busy)) {
            held += bin.busy * seconds;
            heldS += seconds;
        }
        if (known(bin.openedPerS)) {
            opened += bin.openedPerS * seconds;
            openedS += seconds;
        }
        if (known(bin.active) && known(bin.idle)) {
            idle += bin.idle;
            open += bin.active + bin.idle;
        }
    }
    if (ceiling > 0) {
        figures.utilisation = useS > 0 ? use / useS / ceiling : figures.utilisationMax;
        figures.busyShare = heldS > 0 ? held / heldS / ceiling : kUnknownReal;
        figures.busy70Ns = firstReached(bins, ceiling, 0.7, gap);
        figures.busy90Ns = firstReached(bins, ceiling, 0.9, gap);
        // At 95 % it is as good as full; the ceiling itself is reached a moment later.
        figures.pinnedNs = firstReached(bins, ceiling, kFullAt, gap);
        if (const auto whole = firstReached(bins, ceiling, 1.0, gap))
            figures.pinnedNs = whole;
    }
    figures.above70S = above70.seconds();
    figures.above90S = above90.seconds();
    figures.openedPerS = openedS > 0 ? opened / openedS : kUnknownReal;
    figures.idleShare = open > 0 ? idle / open : kUnknownReal;
}

void measureWaits(PoolFigures &figures, std::span<const PoolBin> bins, const PoolSurroundings &around,
    Nanos gap)
{
    Stretch slow(gap), saturated(gap), atLimit(gap);
    std::int64_t full = 0;
    std::vector<double> timeoutShares;
    double waited = 0, waitedN = 0, arrived = 0, late = 0, timeouts = kUnknownReal;
    figures.acquireTimeoutMs = around.acquireTimeoutMs.value_or(kUnknownReal);
    figures.clientTimeoutMs = around.clientTimeoutMs.value_or(kUnknownReal);
    for (const PoolBin &bin : bins)
        figures.acquireTimeoutMs = larger(figures.acquireTimeoutMs, bin.acquireTimeoutMs);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        const PoolBin &bin = bins[i];
        const bool isStuck = isSaturated(bin, figures.ceiling);
        full += isStuck;
        saturated.take(bin, isStuck);
        const double ahead = bin.prospectiveWaitMs();
        const double p99 = larger(bin.waitP99Ms, known(bin.waitP99Ms) ? kUnknownReal : ahead);
        slow.take(bin, p99 > kSlowWaitMs);
        atLimit.take(bin,
            larger(larger(ahead, bin.waitP99Ms), bin.maxWaitMs) >= kNear * figures.acquireTimeoutMs);
        figures.waitingMax = larger(figures.waitingMax, bin.waiting);
        figures.waitP50Ms = larger(figures.waitP50Ms, bin.waitP50Ms);
        figures.waitP95Ms = larger(figures.waitP95Ms, bin.waitP95Ms);
        figures.waitP99Ms = larger(figures.waitP99Ms, bin.waitP99Ms);
        figures.reachedWaitMs = larger(figures.reachedWaitMs, larger(ahead, bin.maxWaitMs));
        const double seconds
            = i > 0 && bin.tsNs - bins[i - 1].tsNs <= gap ? double(bin.tsNs - bins[i - 1].tsNs) / 1e9 : 0;
        if (known(bin.meanWaitMs) && bin.throughput > 0) {
            waited += bin.meanWaitMs * bin.throughput * seconds;
            waitedN += bin.throughput * seconds;
        }
        if (known(bin.timeoutsPerS)) {
            timeouts = (known(timeouts) ? timeouts : 0) + bin.timeoutsPerS * seconds;
            if (bin.timeoutsPerS > 0 && bin.arrivals > 0)
                timeoutShares.push_back(std::min(1.0, bin.timeoutsPerS / bin.arrivals));
        }
        if (known(bin.arrivals) && known(ahead)) {
            const bool isLate = ahead + (known(bin.serviceMs) ? bin.serviceMs : 0) > figures.clientTimeoutMs;
            arrived += bin.arrivals * seconds;
            late += isLate ? bin.arrivals * seconds : 0;
            if (isLate && !figures.noGoodputNs)
                figures.noGoodputNs = bin.tsNs;
        }
    }
    figures.slowWaitS = slow.seconds();
    figures.saturatedS = saturated.seconds();
    figures.saturatedShare = bins.empty() ? 0 : double(full) / double(bins.size());
    figures.waitMs = waitedN > 0 ? waited / waitedN : kUnknownReal;
    figures.timeouts = timeouts;
    figures.timeoutShare = rankOf(std::move(timeoutShares), 50);
    if (known(figures.clientTimeoutMs) && arrived > 0)
        figures.abandonedShare = late / arrived;
    if (saturated.samples >= 3 && known(figures.ceiling))
        figures.ceilings.push_back({false, figures.ceilingName, figures.ceiling, saturated.startNs,
            saturated.endNs, saturated.samples});
    if (atLimit.samples >= 3)
        figures.ceilings.push_back({true, "acquire time-out", figures.acquireTimeoutMs, atLimit.startNs,
            atLimit.endNs, atLimit.samples});
}

/// Rates, time held, and what follows from them by Little's law.
void measureRates(PoolFigures &figures, std::span<const PoolBin> bins)
{
    std::vector<double> throughputs, arrivals, serviceFull, serviceFree;
    for (const PoolBin &bin : bins) {
        if (known(bin.throughput))
            throughputs.push_back(bin.throughput);
        if (known(bin.arrivals))
            arrivals.push_back(bin.arrivals);
        const bool isStuck = isSaturated(bin, figures.ceiling);
        double service = bin.serviceMs;
        if (!known(service) && bin.throughput > 0 && known(bin.active) && bin.active > 0)
            service = bin.active / bin.throughput * 1000; // Little: number in use / rate
        if (known(service))
            (isStuck ? serviceFull : serviceFree).push_back(service);
    }
    figures.throughput = rankOf(std::move(throughputs), 95);
    figures.arrivalRate = rankOf(std::move(arrivals), 95);
    figures.usualServiceMs = rankOf(serviceFree, 50);
    figures.serviceMs = rankOf(serviceFull, 50);
    if (!known(figures.serviceMs))
        figures.serviceMs = figures.usualServiceMs;
    if (!(figures.serviceMs > 0))
        return;
    if (figures.ceiling > 0)
        figures.throughputCap = figures.ceiling / figures.serviceMs * 1000;
    if (known(figures.arrivalRate)) {
        figures.demand = figures.arrivalRate * figures.serviceMs / 1000;
        figures.needed = figures.demand / 0.7;
        figures.deficit = std::max(0.0, figures.arrivalRate - figures.throughputCap);
    }
}

LeakVerdict measureLeak(std::span<const PoolBin> bins, double ceiling)
{
    std::vector<LeakBin> leak;
    double sum = 0, n = 0, rates = 0, rateN = 0;
    Nanos begin = bins.empty() ? 0 : bins.front().tsNs;
    const auto close = [&] {
        if (n == 0)
            return;
        leak.back().mean = sum / n;
        if (rateN > 0)
            leak.back().rate = rates / rateN;
        sum = n = rates = rateN = 0;
    };
    for (const PoolBin &bin : bins) {
        if (!known(bin.active))
            continue;
        if (bin.tsNs >= begin + kLeakBin) {
            close();
            begin += (bin.tsNs - begin) / kLeakBin * kLeakBin;
        }
        if (n == 0)
            leak.push_back({bin.active, bin.active, kUnknownReal});
        leak.back().floor = std::min(leak.back().floor, bin.active);
        sum += bin.active;
        ++n;
        if (known(bin.arrivals)) {
            rates += bin.arrivals;
            ++rateN;
        }
    }
    close();
    return leakOf(leak, double(kLeakBin) / 1e9, ceiling);
}

void judge(PoolFigures &figures, std::span<const PoolBin> bins, const PoolSurroundings &around)
{
    Nanos start = figures.startNs, end = figures.endNs;
    for (const PoolCeiling &ceiling : figures.ceilings) {
        if (!ceiling.ofWait) {
            start = ceiling.startNs;
            end = ceiling.endNs;
        }
    }
    figures.serverActive = medianWithin(around.serverActive, start, end);
    figures.serverCpu = medianWithin(around.serverCpu, start, end);
    figures.leak = measureLeak(bins, figures.ceiling);
    figures.isBurst = figures.leak.kind == LeakVerdict::Kind::Burst;
    std::vector<double> active, waiting, p99;
    for (const PoolBin &bin : bins) {
        if (bin.tsNs < start || bin.tsNs > end)
            continue;
        if (known(bin.active))
            active.push_back(bin.active);
        if (known(bin.waiting))
            waiting.push_back(bin.waiting);
        const double wait = known(bin.waitP99Ms) ? bin.waitP99Ms : bin.prospectiveWaitMs();
        if (known(wait))
            p99.push_back(wait);
    }
    PoolFacts facts;
    facts.ceiling = figures.ceiling;
    facts.active = rankOf(active, 50);
    facts.waiting = waiting.empty() ? 0 : rankOf(waiting, 50);
    facts.waitP99Ms = optionalOf(rankOf(p99, 95));
    facts.serverActive = optionalOf(figures.serverActive);
    facts.serverCpu = optionalOf(figures.serverCpu);
    facts.serverCores = around.serverCores;
    facts.demand = optionalOf(figures.demand);
    facts.holdMs = optionalOf(figures.serviceMs);
    facts.usualHoldMs = optionalOf(figures.usualServiceMs);
    facts.leaks = figures.leak.kind == LeakVerdict::Kind::Leak
        || figures.leak.kind == LeakVerdict::Kind::PossibleLeak;
    figures.cause = poolCause(facts);
    const bool isStuck = std::any_of(figures.ceilings.begin(), figures.ceilings.end(),
        [](const PoolCeiling &ceiling) { return !ceiling.ofWait; });
    const double longest = larger(figures.waitP99Ms, figures.reachedWaitMs);
    if (!known(figures.utilisationMax) && !known(figures.waitingMax))
        figures.verdict = "unknown";
    else if (isStuck && figures.cause == PoolCause::CheapQueue)
        figures.verdict = "near_limit";
    else if (isStuck && (longest >= kLongWaitMs || !known(longest)))
        figures.verdict = "exhausted";
    else if (isStuck || figures.saturatedShare > 0.02)
        figures.verdict = "saturated";
    else if (figures.above70S > 0 && figures.utilisationMax >= 0.7)
        figures.verdict = "near_limit";
    else if (!known(figures.utilisationMax) && figures.waitingMax > 0)
        figures.verdict = "unknown";
    else if (figures.utilisationMax < 0.1)
        figures.verdict = "idle";
    else
        figures.verdict = "healthy";
}

} // namespace

PoolFigures poolFigures(std::span<const PoolBin> bins, const PoolSurroundings &around)
{
    PoolFigures figures;
    figures.n = std::int64_t(bins.size());
    if (bins.empty())
        return figures;
    figures.startNs = bins.front().tsNs;
    figures.endNs = bins.back().tsNs;
    for (const PoolBin &bin : bins)
        figures.instances = std::max(figures.instances, bin.instances);
    const Nanos gap = gapOf(usualStep(bins));
    findCeiling(figures, bins, around);
    measureUse(figures, bins, gap);
    measureWaits(figures, bins, around, gap);
    measureRates(figures, bins);
    judge(figures, bins, around);
    return figures;
}

} // namespace tailscope::analysis
