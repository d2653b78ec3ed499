// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/cohort.h"

#include "analysis/rowscan.h"
#include "analysis/wideint.h"

#include <algorithm>
#include <numeric>

namespace tailscope::analysis {

namespace {

void tellRange(const SpanColumns &columns, bool self, const std::vector<std::uint32_t> &rows, Nanos &from,
    Nanos &to)
{
    const auto &values = self ? columns.self : columns.duration;
    for (const std::uint32_t row : rows) {
        from = from == kUnknownNanos ? values[row] : std::min(from, values[row]);
        to = to == kUnknownNanos ? values[row] : std::max(to, values[row]);
    }
}

/// [low, high] of the slow ones by a percentile of the sorted values; empty when all values are equal.
std::optional<std::pair<Nanos, Nanos>> slowByPercentile(const std::vector<Nanos> &sorted, Quantile q)
{
    const auto n = std::int64_t(sorted.size());
    if (n == 0 || sorted.front() == sorted.back())
        return std::nullopt;
    Nanos low = sorted[std::size_t(nearestRank(n, q) - 1)];
    const auto first = std::lower_bound(sorted.begin(), sorted.end(), low);
    const auto slow = std::int64_t(sorted.end() - first);
    const auto above = std::upper_bound(sorted.begin(), sorted.end(), low);
    // Many share the percentile itself, which is then the usual value: only what exceeds it is slow.
    if (WideInt(slow) * q.den > WideInt(3) * n * (q.den - q.num) && above != sorted.end())
        low = *above;
    return std::pair(low, sorted.back());
}

} // namespace

std::vector<std::uint32_t> requestRows(const SpanColumns &columns, const SpanSelection &selection,
    bool everySpan, const CancelToken &cancel)
{
    std::vector<std::uint32_t> rows;
    const SpanBitmap *filter = selection.filter.get();
    const RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, cancel, [&](const std::uint32_t *block, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint32_t parent = columns.parent[block[i]];
                const bool isTop = parent == kNoRow || (filter && !filter->test(parent));
                if (everySpan || isTop)
                    rows.push_back(block[i]);
            }
        });
    }
    return rows;
}

CohortSets chooseCohorts(const SpanColumns &columns, const std::vector<std::uint32_t> &requests,
    const CohortQuestion &question, const std::vector<std::uint32_t> &given)
{
    const std::vector<Nanos> &values = question.ofSelfTime ? columns.self : columns.duration;
    CohortSets sets;
    std::vector<Nanos> sorted;
    sorted.reserve(requests.size());
    for (const std::uint32_t row : requests) {
        if (values[row] == kUnknownNanos)
            ++sets.unknown;
        else
            sorted.push_back(values[row]);
    }
    std::sort(sorted.begin(), sorted.end());
    sets.requests = std::int64_t(sorted.size());
    if (sorted.empty())
        return sets;

    Nanos low = question.durations.first, last = question.durations.second;
    if (question.slow == CohortQuestion::Slow::AbovePercentile) {
        const auto range = slowByPercentile(sorted, question.percentile);
        sets.allEqual = !range;
        if (!range)
            return sets;
        low = range->first;
        last = kUnknownNanos;
    }
    const auto isSlow = [&](std::uint32_t row) {
        return values[row] != kUnknownNanos && values[row] >= low
            && (last == kUnknownNanos || values[row] < last);
    };
    const auto n = std::int64_t(sorted.size());
    const Nanos p40 = sorted[std::size_t(nearestRank(n, {2, 5}) - 1)];
    const Nanos p60 = sorted[std::size_t(nearestRank(n, {3, 5}) - 1)];
    for (const std::uint32_t row : requests) {
        if (isSlow(row))
            sets.slow.push_back(row);
        else if (values[row] == kUnknownNanos)
            continue;
        else if (question.rest == CohortQuestion::Rest::Others
            || (question.rest == CohortQuestion::Rest::Middle && values[row] >= p40 && values[row] <= p60))
            sets.rest.push_back(row);
    }
    if (question.rest == CohortQuestion::Rest::Given) {
        // A request cannot be on both sides.
        std::vector<std::uint32_t> slow = sets.slow;
        std::sort(slow.begin(), slow.end());
        for (const std::uint32_t row : given) {
            if (values[row] != kUnknownNanos && !std::binary_search(slow.begin(), slow.end(), row))
                sets.rest.push_back(row);
        }
    }
    std::stable_sort(sets.slow.begin(), sets.slow.end(),
        [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
    tellRange(columns, question.ofSelfTime, sets.slow, sets.slowFrom, sets.slowTo);
    tellRange(columns, question.ofSelfTime, sets.rest, sets.restFrom, sets.restTo);
    return sets;
}

} // namespace tailscope::analysis
