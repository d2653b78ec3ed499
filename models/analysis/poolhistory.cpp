// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolhistory.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxBins = 20'000;
constexpr Nanos kShortestGap = 15 * kNanosPerSecond;
constexpr std::int64_t kRowsPerCheck = 8192;

constexpr const char *kSamples = "SELECT source_id, server_id, kind, pool, instance, mode, ts_ns, capacity, "
                                 "active, idle, waiting, max_wait_ms,"
                                 " wait_p50_ms, wait_p95_ms, wait_p99_ms, acquire_timeout_ms, service_ms, "
                                 "throughput, acquired, created, timeouts,"
                                 " clients, max_clients, wait_total_ms, busy_total_ms, busy_includes_wait "
                                 "FROM pool_sample WHERE ts_ns IS NOT NULL";

/// Figures of a pool are never negative; what claims to be is as good as unknown.
double figure(const store::Statement &row, int column)
{
    const double value = row.real(column);
    return value >= 0 && std::isfinite(value) ? value : kUnknownReal;
}

PoolSample sampleOf(const store::Statement &row)
{
    PoolSample sample;
    sample.tsNs = row.integer(6);
    double *const places[]{&sample.capacity, &sample.active, &sample.idle, &sample.waiting, &sample.maxWaitMs,
        &sample.waitP50Ms, &sample.waitP95Ms, &sample.waitP99Ms, &sample.acquireTimeoutMs, &sample.serviceMs,
        &sample.throughput, &sample.acquired, &sample.created, &sample.timeouts, &sample.clients,
        &sample.maxClients, &sample.waitTotalMs, &sample.busyTotalMs};
    for (int i = 0; i < int(std::size(places)); ++i)
        *places[i] = figure(row, 7 + i);
    sample.busyIncludesWait = row.integer(25) != 0;
    return sample;
}

/// Two rows of one time: what the later one states.
void overlay(PoolSample &base, const PoolSample &over)
{
    double PoolSample::*const fields[]{&PoolSample::capacity, &PoolSample::active, &PoolSample::idle,
        &PoolSample::waiting, &PoolSample::maxWaitMs, &PoolSample::waitP50Ms, &PoolSample::waitP95Ms,
        &PoolSample::waitP99Ms, &PoolSample::acquireTimeoutMs, &PoolSample::serviceMs,
        &PoolSample::throughput, &PoolSample::acquired, &PoolSample::created, &PoolSample::timeouts,
        &PoolSample::clients, &PoolSample::maxClients, &PoolSample::waitTotalMs, &PoolSample::busyTotalMs};
    for (double PoolSample::*const field : fields) {
        if (!std::isnan(over.*field))
            base.*field = over.*field;
    }
    base.busyIncludesWait = base.busyIncludesWait || over.busyIncludesWait;
}

void putInOrder(PoolSeries &series)
{
    auto &samples = series.samples;
    std::stable_sort(samples.begin(), samples.end(),
        [](const PoolSample &a, const PoolSample &b) { return a.tsNs < b.tsNs; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (kept > 0 && samples[kept - 1].tsNs == samples[i].tsNs)
            overlay(samples[kept - 1], samples[i]);
        else
            samples[kept++] = samples[i];
    }
    samples.resize(kept);
}

/// Growth of a counter; unknown where it fell: it began anew at some time in between.
double grown(double before, double now) { return now >= before ? now - before : kUnknownReal; }

void addRates(PoolBin &bin, const PoolSample &before, const PoolSample &now)
{
    const double seconds = double(now.tsNs - before.tsNs) / 1e9;
    const double acquired = grown(before.acquired, now.acquired);
    const double timeouts = grown(before.timeouts, now.timeouts);
    const double opened = grown(before.created, now.created);
    const double waited = grown(before.waitTotalMs, now.waitTotalMs);
    double held = grown(before.busyTotalMs, now.busyTotalMs);
    if (now.busyIncludesWait)
        held = waited <= held ? held - waited : kUnknownReal;
    if (std::isnan(bin.throughput))
        bin.throughput = acquired / seconds;
    bin.timeoutsPerS = timeouts / seconds;
    bin.openedPerS = opened / seconds;
    bin.busy = held / 1000 / seconds;
    bin.meanQueue = waited / 1000 / seconds;
    if (acquired > 0) {
        if (!std::isnan(held))
            bin.serviceMs = held / acquired;
        bin.meanWaitMs = waited / acquired;
    }
    // Who arrived is served, has given up, or waits more than before.
    const double queued
        = std::isnan(before.waiting) || std::isnan(now.waiting) ? 0 : now.waiting - before.waiting;
    bin.arrivals
        = std::max(0.0, bin.throughput + (std::isnan(timeouts) ? 0 : timeouts / seconds) + queued / seconds);
    if (std::isnan(bin.throughput))
        bin.arrivals = kUnknownReal;
}

double larger(double a, double b) { return std::isnan(a) ? b : std::isnan(b) ? a : std::max(a, b); }

/// What the samples of one instance say of a step: its state is the last one's, waits are the worst, rates
/// the mean.
PoolBin joined(std::span<const PoolBin> part)
{
    PoolBin bin = part.back();
    double PoolBin::*const worst[]{&PoolBin::waitP50Ms, &PoolBin::waitP95Ms, &PoolBin::waitP99Ms,
        &PoolBin::maxWaitMs};
    double PoolBin::*const rates[]{&PoolBin::throughput, &PoolBin::arrivals, &PoolBin::timeoutsPerS,
        &PoolBin::openedPerS, &PoolBin::meanQueue, &PoolBin::busy};
    for (double PoolBin::*const each : worst) {
        for (const PoolBin &other : part)
            bin.*each = larger(bin.*each, other.*each);
    }
    for (double PoolBin::*const each : rates) {
        double sum = 0, n = 0;
        for (const PoolBin &other : part) {
            if (std::isnan(other.*each))
                continue;
            sum += other.*each;
            ++n;
        }
        bin.*each = n > 0 ? sum / n : kUnknownReal;
    }
    return bin;
}

/// Adds up instances; what one of them does not tell is unknown of all.
class Sum
{
public:
    void add(const PoolBin &bin)
    {
        const bool isFirst = m_sum.instances++ == 0;
        double PoolBin::*const sums[]{&PoolBin::capacity, &PoolBin::active, &PoolBin::idle, &PoolBin::waiting,
            &PoolBin::throughput, &PoolBin::arrivals, &PoolBin::timeoutsPerS, &PoolBin::openedPerS,
            &PoolBin::meanQueue, &PoolBin::busy, &PoolBin::clients, &PoolBin::maxClients};
        for (double PoolBin::*const each : sums)
            m_sum.*each = isFirst ? bin.*each : m_sum.*each + bin.*each;
        double PoolBin::*const worst[]{&PoolBin::waitP50Ms, &PoolBin::waitP95Ms, &PoolBin::waitP99Ms,
            &PoolBin::maxWaitMs, &PoolBin::acquireTimeoutMs};
        for (double PoolBin::*const each : worst)
            m_sum.*each = larger(m_sum.*each, bin.*each);
        const double n = bin.throughput > 0 ? bin.throughput : 0;
        if (n > 0 && !std::isnan(bin.serviceMs)) {
            m_service += bin.serviceMs * n;
            m_serviceN += n;
        }
        if (n > 0 && !std::isnan(bin.meanWaitMs)) {
            m_wait += bin.meanWaitMs * n;
            m_waitN += n;
        }
    }
    PoolBin result(Nanos ts) const
    {
        PoolBin bin = m_sum;
        bin.tsNs = ts;
        bin.serviceMs = m_serviceN > 0 ? m_service / m_serviceN : kUnknownReal;
        bin.meanWaitMs = m_waitN > 0 ? m_wait / m_waitN : kUnknownReal;
        return bin;
    }

private:
    PoolBin m_sum;
    double m_service = 0, m_serviceN = 0, m_wait = 0, m_waitN = 0;
};

} // namespace

Result<std::vector<PoolSeries>> readPools(store::Database &reader, const Progress &progress)
{
    Result<store::Statement> query = reader.prepare(kSamples);
    if (!query)
        return fail(query.error());
    std::map<std::tuple<std::string, std::string, std::string, std::int64_t>, PoolSeries> all;
    for (std::int64_t rows = 0;; ++rows) {
        const Result<bool> more = query->step();
        if (!more)
            return fail(more.error());
        if (!*more)
            break;
        if (rows % kRowsPerCheck == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "pools", "cancelled");
        const std::string kind = query->isNull(2) ? "connection" : std::string(query->text(2));
        PoolSeries &series
            = all[{kind, std::string(query->text(3)), std::string(query->text(4)), query->integer(1)}];
        if (series.samples.empty()) {
            series.kind = kind;
            series.pool = query->text(3);
            series.instance = query->text(4);
            series.serverId = query->integer(1);
            series.sourceId = query->integer(0);
        } else if (series.sourceId != query->integer(0)) {
            series.sourceId = 0;
        }
        if (!query->isNull(5))
            series.mode = query->text(5);
        series.samples.push_back(sampleOf(*query));
    }
    std::vector<PoolSeries> list;
    list.reserve(all.size());
    for (auto &[key, series] : all) {
        putInOrder(series);
        list.push_back(std::move(series));
    }
    return list;
}

Nanos sampleStep(const PoolSeries &series)
{
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < series.samples.size(); ++i)
        steps.push_back(series.samples[i].tsNs - series.samples[i - 1].tsNs);
    if (steps.empty())
        return 0;
    const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
}

Nanos gapOf(Nanos step) { return std::max(5 * step, kShortestGap); }

std::vector<PoolBin> binsOf(const PoolSeries &series)
{
    const Nanos gap = gapOf(sampleStep(series));
    std::vector<PoolBin> bins;
    bins.reserve(series.samples.size());
    for (std::size_t i = 0; i < series.samples.size(); ++i) {
        const PoolSample &sample = series.samples[i];
        PoolBin bin;
        bin.tsNs = sample.tsNs;
        bin.instances = 1;
        bin.capacity = sample.capacity;
        bin.active = sample.active;
        bin.idle = sample.idle;
        bin.waiting = sample.waiting;
        bin.waitP50Ms = sample.waitP50Ms;
        bin.waitP95Ms = sample.waitP95Ms;
        bin.waitP99Ms = sample.waitP99Ms;
        bin.maxWaitMs = sample.maxWaitMs;
        bin.acquireTimeoutMs = sample.acquireTimeoutMs;
        bin.throughput = sample.throughput;
        bin.arrivals = sample.throughput;
        bin.serviceMs = sample.serviceMs;
        bin.clients = sample.clients;
        bin.maxClients = sample.maxClients;
        if (i > 0 && sample.tsNs - series.samples[i - 1].tsNs <= gap)
            addRates(bin, series.samples[i - 1], sample);
        bins.push_back(bin);
    }
    return bins;
}

std::vector<PoolBin> binsOf(const std::vector<const PoolSeries *> &group)
{
    if (group.empty())
        return {};
    if (group.size() == 1)
        return binsOf(*group.front());
    std::vector<std::vector<PoolBin>> each;
    std::vector<Nanos> steps, gaps;
    Nanos begin = std::numeric_limits<Nanos>::max(), end = std::numeric_limits<Nanos>::min();
    for (const PoolSeries *series : group) {
        each.push_back(binsOf(*series));
        steps.push_back(sampleStep(*series));
        gaps.push_back(gapOf(steps.back()));
        if (each.back().empty())
            continue;
        begin = std::min(begin, each.back().front().tsNs);
        end = std::max(end, each.back().back().tsNs);
    }
    if (begin > end)
        return {};
    std::sort(steps.begin(), steps.end());
    const Nanos step
        = std::max({steps[steps.size() / 2], (end - begin) / Nanos(kMaxBins) + 1, kNanosPerMilli});
    std::vector<std::size_t> next(group.size(), 0);
    std::vector<PoolBin> bins;
    std::vector<Nanos> latest(group.size(), std::numeric_limits<Nanos>::min());
    for (Nanos ts = begin;; ts += step) {
        Sum sum;
        bool isNew = false;
        for (std::size_t i = 0; i < group.size(); ++i) {
            const std::size_t from = next[i];
            while (next[i] < each[i].size() && each[i][next[i]].tsNs <= ts)
                ++next[i];
            if (next[i] == 0)
                continue;
            const PoolBin &last = each[i][next[i] - 1];
            if (ts - last.tsNs > gaps[i])
                continue;
            isNew = isNew || last.tsNs != latest[i];
            latest[i] = last.tsNs;
            const std::size_t first = std::min(from, next[i] - 1);
            sum.add(joined({each[i].data() + first, next[i] - first}));
        }
        if (isNew)
            bins.push_back(sum.result(ts));
        if (ts >= end)
            return bins;
    }
}

} // namespace tailscope::analysis
