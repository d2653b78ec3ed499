// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lanequery.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

// Filtered rows, a word at a time.
std::uint32_t nextPassing(const SpanBitmap &filter, std::uint32_t row, std::uint32_t last)
{
    while (row < last) {
        const std::uint64_t word = filter.words()[row >> 6] >> (row & 63);
        if (word != 0)
            return std::min(last, row + std::uint32_t(std::countr_zero(word)));
        row = (row | 63u) + 1;
    }
    return last;
}

// The last passing row of [first, last); first - 1 when there is none.
std::uint32_t lastPassing(const SpanBitmap &filter, std::uint32_t first, std::uint32_t last)
{
    while (last > first) {
        const std::uint32_t row = last - 1;
        const std::uint64_t word = filter.words()[row >> 6] << (63 - (row & 63));
        if (word != 0) {
            const std::uint32_t skipped = std::uint32_t(std::countl_zero(word));
            return row >= first + skipped ? row - skipped : first - 1;
        }
        last = row & ~63u;
    }
    return first - 1;
}

std::uint32_t countPassing(const SpanBitmap &filter, std::uint32_t first, std::uint32_t last)
{
    if (first >= last)
        return 0;
    std::uint32_t sum = 0;
    for (std::size_t word = first / 64; word <= (last - 1) / 64; ++word) {
        std::uint64_t mask = ~std::uint64_t(0);
        if (word == first / 64)
            mask &= ~std::uint64_t(0) << (first % 64);
        if (word == (last - 1) / 64)
            mask &= ~std::uint64_t(0) >> (63 - (last - 1) % 64);
        sum += std::uint32_t(std::popcount(filter.words()[word] & mask));
    }
    return sum;
}

// First row of [row, last) that starts at or after t: the answer is near, so the steps grow from one.
std::uint32_t firstStartingAt(const std::vector<Nanos> &start, std::uint32_t row, std::uint32_t last, Nanos t)
{
    std::uint32_t step = 1;
    std::uint32_t low = row;
    while (low < last && start[low] < t) {
        row = low + 1;
        if (last - low <= step) {
            low = last;
            break;
        }
        low += step;
        step *= 2;
    }
    const auto begin = start.begin();
    return std::uint32_t(std::lower_bound(begin + row, begin + std::max(row, low), t) - begin);
}

// Start of the grid cell behind the one that holds t.
Nanos cellEnd(Nanos t, Nanos cell)
{
    Nanos offset = t % cell;
    if (offset < 0)
        offset += cell;
    return saturatingAdd(t, cell - offset);
}

} // namespace

void LanePyramid::query(std::size_t lane, TimeRange range, Nanos minNs, const SpanBitmap *filter,
    std::vector<LaneItem> &out) const
{
    out.clear();
    if (lane >= m_columns->lanes.size() || range.isEmpty())
        return;
    if (filter && filter->rows() < m_columns->size())
        return; // of other columns: the right one is on its way
    const SpanColumns &data = *m_columns;
    const Lane &bounds = data.lanes[lane];
    const Nanos cell = std::max<Nanos>(1, minNs);
    const std::uint32_t laneEnd = bounds.first + bounds.count;
    const auto begin = data.start.begin();
    auto row = std::uint32_t(std::lower_bound(begin + bounds.first, begin + laneEnd, range.begin) - begin);
    // Spans of a lane do not overlap: only the one before may reach into the range.
    if (row > bounds.first && data.end(row - 1) > range.begin)
        --row;
    const auto last = std::uint32_t(std::lower_bound(begin + row, begin + laneEnd, range.end) - begin);

    const auto isLong = [&](std::uint32_t r) { return saturatingSub(data.end(r), data.start[r]) >= cell; };
    while (row < last) {
        if (filter && (row = nextPassing(*filter, row, last)) >= last)
            break;
        LaneItem item{data.start[row], data.end(row), row, 1, 0};
        std::uint32_t next = row + 1;
        if (!isLong(row)) {
            next = firstStartingAt(data.start, row + 1, last, cellEnd(item.begin, cell));
            std::uint32_t final = filter ? lastPassing(*filter, row, next) : next - 1;
            if (final > row && isLong(final)) { // starts in this cell but is an item of its own
                next = final;
                final = filter ? lastPassing(*filter, row, next) : next - 1;
            }
            if (final > row) {
                item.end = data.end(final);
                item.count = filter ? countPassing(*filter, row, next) : next - row;
                item.row = filter ? longestPassing(row, next, *filter) : longestIn(row, next);
            }
        }
        item.errors = errorsIn(row, next, filter);
        if (!out.empty() && out.back().end > item.begin)
            out.back().end = std::max(out.back().begin, item.begin);
        item.end = std::max(item.end, saturatingAdd(item.begin, cell));
        out.push_back(item);
        row = next;
    }
}

std::uint32_t LanePyramid::rowAt(std::size_t lane, Nanos t, Nanos toleranceNs) const
{
    if (lane >= m_columns->lanes.size())
        return kNoRow;
    const SpanColumns &data = *m_columns;
    const Lane &bounds = data.lanes[lane];
    const auto begin = data.start.begin();
    const std::uint32_t laneEnd = bounds.first + bounds.count;
    const auto next = std::uint32_t(std::upper_bound(begin + bounds.first, begin + laneEnd, t) - begin);
    std::uint32_t best = kNoRow;
    Nanos distance = std::max<Nanos>(0, toleranceNs);
    if (next > bounds.first) {
        const Nanos end = data.end(next - 1);
        if (t < end || data.start[next - 1] == t)
            return next - 1;
        if (saturatingSub(t, end) <= distance) {
            best = next - 1;
            distance = saturatingSub(t, end);
        }
    }
    if (next < laneEnd && saturatingSub(data.start[next], t) <= distance
        && (best == kNoRow || saturatingSub(data.start[next], t) < distance))
        best = next;
    return best;
}

std::vector<DecimatedPoint> decimate(const std::vector<Nanos> &ts, const std::vector<double> &values,
    TimeRange range, int buckets)
{
    std::vector<DecimatedPoint> points;
    if (range.isEmpty() || buckets < 1)
        return points;
    const std::size_t size = std::min(ts.size(), values.size());
    const Nanos length = saturatingSub(range.end, range.begin);
    const Nanos width = length / buckets + (length % buckets == 0 ? 0 : 1);
    auto i = std::size_t(
        std::lower_bound(ts.begin(), ts.begin() + std::ptrdiff_t(size), range.begin) - ts.begin());
    std::uint64_t bucket = 0;
    for (; i < size && ts[i] < range.end; ++i) {
        if (std::isnan(values[i]))
            continue;
        const std::uint64_t here = std::uint64_t(saturatingSub(ts[i], range.begin)) / std::uint64_t(width);
        if (points.empty() || here != bucket) {
            points.push_back({ts[i], values[i], values[i], values[i], 1});
            bucket = here;
            continue;
        }
        DecimatedPoint &point = points.back();
        point.min = std::min(point.min, values[i]);
        point.max = std::max(point.max, values[i]);
        point.last = values[i];
        ++point.count;
    }
    return points;
}

} // namespace tailscope::analysis
