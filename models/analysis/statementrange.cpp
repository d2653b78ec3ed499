// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementrange.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

/// Servers print 15 to 17 digits: below this share of a counter a difference is rounding.
constexpr double kRounding = 1e-13;

template<typename T>
std::optional<T> grown(const std::optional<T> &now, const std::optional<T> &before)
{
    if (!now || !before)
        return std::nullopt;
    return std::max(T(*now - *before), T(0));
}

template<typename T>
void addTo(std::optional<T> &sum, const std::optional<T> &value)
{
    if (sum && value)
        sum = T(*sum + *value);
    else
        sum.reset();
}

/// Sum of the squares of all calls' times: from mean and (population) standard deviation.
std::optional<double> squaresOf(const StatementCounters &row)
{
    if (!row.stddevMs || row.calls <= 0)
        return row.calls == 0 ? std::optional(0.0) : std::nullopt;
    const double n = double(row.calls), mean = row.totalMs / n;
    return n * (*row.stddevMs * *row.stddevMs + mean * mean);
}

bool beganAnew(const StatementCounters &before, const StatementCounters &now)
{
    // Another recording, or the same one after a promotion, counts epochs from 0 again.
    return (before.server == now.server && before.epoch && now.epoch && *before.epoch != *now.epoch)
        || (before.sinceNs != kUnknownNanos && now.sinceNs != kUnknownNanos && before.sinceNs != now.sinceNs)
        || now.calls < before.calls || now.totalMs < before.totalMs * (1 - 1e-9);
}

StatementGrowth whole(const StatementCounters &row)
{
    StatementGrowth out;
    out.calls = row.calls;
    out.totalMs = row.totalMs;
    out.squaresMs2 = squaresOf(row);
    out.maxMs = row.maxMs;
    out.planMs = row.planMs;
    out.ioMs = row.ioMs;
    out.rows = row.rows;
    out.sharedHit = row.sharedHit;
    out.sharedRead = row.sharedRead;
    out.tempBlocks = row.tempBlocks;
    out.walBytes = row.walBytes;
    out.plans = row.plans;
    return out;
}

StatementGrowth difference(const StatementCounters &before, const StatementCounters &now)
{
    StatementGrowth out;
    out.calls = now.calls - before.calls;
    out.totalMs = std::max(now.totalMs - before.totalMs, 0.0);
    const auto last = squaresOf(now), first = squaresOf(before);
    if (last && first) {
        const double squares = *last - *first;
        // What is left of two large sums may be their rounding only.
        if (out.calls == 0)
            out.squaresMs2 = 0;
        else if (squares > 100 * kRounding * *last)
            out.squaresMs2 = squares;
    }
    if (now.maxMs && before.maxMs && *now.maxMs > *before.maxMs)
        out.maxMs = now.maxMs;
    out.planMs = grown(now.planMs, before.planMs);
    out.ioMs = grown(now.ioMs, before.ioMs);
    out.rows = grown(now.rows, before.rows);
    out.sharedHit = grown(now.sharedHit, before.sharedHit);
    out.sharedRead = grown(now.sharedRead, before.sharedRead);
    out.tempBlocks = grown(now.tempBlocks, before.tempBlocks);
    out.walBytes = grown(now.walBytes, before.walBytes);
    out.plans = grown(now.plans, before.plans);
    return out;
}

/// A complete sample lies after one time and at or before another.
bool isMissedBetween(std::span<const Nanos> complete, Nanos after, Nanos upTo)
{
    const auto next = std::upper_bound(complete.begin(), complete.end(), after);
    return next != complete.end() && *next <= upTo;
}

/// The slowest call of a range. Counters keep the slowest since they began: one that grew is of the range,
/// and slower than all before it; one that did not may be of before.
class Slowest
{
public:
    void step(const StatementGrowth &step, bool beginsAnew)
    {
        if (beginsAnew)
            close();
        m_called = m_called || step.calls > 0;
        if (step.maxMs)
            m_grown = std::max(m_grown.value_or(0), *step.maxMs);
    }
    std::optional<double> result()
    {
        close();
        return m_known ? m_max : std::nullopt;
    }

private:
    void close()
    {
        if (m_called && m_grown)
            m_max = std::max(m_max.value_or(0), *m_grown);
        m_known = m_known && (!m_called || m_grown);
        m_called = false;
        m_grown.reset();
    }
    std::optional<double> m_max, m_grown;
    bool m_known = true, m_called = false;
};

/// How an entry's first row within the range counts.
StatementGrowth firstSeen(const StatementCounters &row, Nanos from)
{
    // It has no row at or before `from`, so it was not there then, unless the server says that it is older.
    if (row.sinceNs != kUnknownNanos && row.sinceNs < from) {
        StatementGrowth none = difference(row, row);
        none.isPartial = true;
        return none;
    }
    StatementGrowth out = whole(row);
    out.isNew = true;
    return out;
}

} // namespace

std::optional<double> StatementGrowth::stddevMs() const
{
    if (!squaresMs2 || calls < 1)
        return std::nullopt;
    const double n = double(calls), mean = totalMs / n, variance = *squaresMs2 / n - mean * mean;
    if (variance < 0)
        return variance > -1e-6 * mean * mean ? std::optional(0.0) : std::nullopt;
    return std::sqrt(variance);
}

void StatementGrowth::add(const StatementGrowth &other)
{
    const bool bothCalled = calls > 0 && other.calls > 0;
    if (other.calls > 0) {
        if (!bothCalled)
            maxMs = other.maxMs;
        else if (maxMs && other.maxMs)
            maxMs = std::max(*maxMs, *other.maxMs);
        else
            maxMs.reset();
    }
    calls += other.calls;
    totalMs += other.totalMs;
    addTo(squaresMs2, other.squaresMs2);
    addTo(planMs, other.planMs);
    addTo(ioMs, other.ioMs);
    addTo(rows, other.rows);
    addTo(sharedHit, other.sharedHit);
    addTo(sharedRead, other.sharedRead);
    addTo(tempBlocks, other.tempBlocks);
    addTo(walBytes, other.walBytes);
    addTo(plans, other.plans);
    resets += other.resets;
    isNew = isNew && other.isNew;
    isGone = isGone && other.isGone;
    isPartial = isPartial || other.isPartial;
}

std::optional<StatementGrowth> growthOf(std::span<const StatementCounters> rows, Nanos from, Nanos to,
    std::span<const Nanos> complete)
{
    const StatementCounters *before = nullptr;
    std::optional<StatementGrowth> sum;
    Slowest slowest;
    for (const StatementCounters &row : rows) {
        if (row.tsNs > to)
            break;
        if (row.tsNs <= from) {
            before = &row;
            continue;
        }
        StatementGrowth step;
        // Missing in a complete sample between: it was evicted, and what is there now began after that.
        const bool wasAway = before && isMissedBetween(complete, before->tsNs, row.tsNs - 1);
        if (!before) {
            step = firstSeen(row, from);
        } else if (wasAway || beganAnew(*before, row)) {
            step = whole(row);
            step.resets = 1;
        } else {
            step = difference(*before, row);
        }
        slowest.step(step, step.resets > 0);
        if (sum) {
            const bool isNew = sum->isNew;
            sum->add(step);
            sum->isNew = isNew;
        } else {
            sum = step;
        }
        before = &row;
    }
    if (!before)
        return std::nullopt;
    if (sum)
        sum->maxMs = slowest.result();
    const bool gone = before->tsNs < to && isMissedBetween(complete, std::max(before->tsNs, from), to)
        && !isMissedBetween(complete, before->tsNs, from);
    if (!sum || sum->calls == 0) {
        if (!gone)
            return std::nullopt;
        sum = sum.value_or(difference(*before, *before));
    }
    sum->isGone = gone;
    return sum;
}

std::optional<std::pair<Nanos, Nanos>> samplesAround(std::span<const Nanos> samples, const TimeRange &range)
{
    if (samples.size() < 2)
        return std::nullopt;
    // The end: nothing that comes later may be looked at, a replay would know the future.
    auto end = std::lower_bound(samples.begin(), samples.end(), range.end);
    if (end == samples.begin())
        return std::nullopt;
    --end;
    auto begin = std::upper_bound(samples.begin(), samples.end(), range.begin);
    if (begin != samples.begin()) {
        const auto earlier = std::prev(begin);
        if (begin == samples.end() || begin >= end
            || saturatingSub(range.begin, *earlier) <= saturatingSub(*begin, range.begin))
            begin = earlier;
    }
    return *begin < *end ? std::optional(std::pair(*begin, *end)) : std::nullopt;
}

} // namespace tailscope::analysis
