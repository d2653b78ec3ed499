// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/remoteheat.h"

#include "items/distributionfilter.h"
#include "live/remote/remotestore.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

using analysis::FilterTerm;
using analysis::LogLinearHistogram;

constexpr int kMostBins = 120;
constexpr std::size_t kMostRows = 48;
// What is shorter is one row: nobody tells 3 ns from 7 ns, and rows of less than a nanosecond would be empty.
constexpr int kFirstOctave = 5;
constexpr Nanos kShortest = Nanos(1) << kFirstOctave;
constexpr Nanos kMost = std::numeric_limits<Nanos>::max();

/// The bound of a bucket next to the `step`-th of `steps` equal parts of a power of two: less than one
/// percent beside it, which is no pixel.
Nanos edgeAt(int step, int steps)
{
    const double value = std::exp2(double(step) / steps);
    if (value >= 9.2e18)
        return kMost;
    const int bucket = LogLinearHistogram::bucketOf(Nanos(value));
    const Nanos low = LogLinearHistogram::lowerBound(bucket), high = LogLinearHistogram::upperBound(bucket);
    return value - double(low) <= double(high) - value ? low : high;
}

/// Rows about equally high on a logarithmic axis that hold [least, beyond), as fine as fits.
std::vector<Nanos> rowEdges(Nanos least, Nanos beyond)
{
    std::vector<Nanos> edges;
    for (const int steps : {8, 4, 2, 1}) {
        int step = int(std::floor(std::log2(double(std::max(least, kShortest))) * steps));
        while (step > kFirstOctave * steps && edgeAt(step, steps) > least)
            --step;
        edges = {edgeAt(step, steps)};
        do
            edges.push_back(edgeAt(++step, steps));
        while (edges.back() < beyond);
        if (edges.size() <= kMostRows + 1)
            break;
    }
    return edges;
}

bool hasSpans(const live::RemoteHeat &heat, int bucket)
{
    return std::any_of(heat.columns.begin(), heat.columns.end(),
        [bucket](const auto &column) { return column.buckets.count(bucket) > 0; });
}

void fillRows(const live::RemoteHeat &heat, int first, int last, RemoteHeatMap &map)
{
    map.edges = rowEdges(LogLinearHistogram::lowerBound(first), LogLinearHistogram::upperBound(last));
    map.bins.low = map.edges.front();
    map.bins.high = map.edges.back();
    if (LogLinearHistogram::lowerBound(first) < kShortest)
        map.edges.front() = 0;
    const std::size_t rows = map.edges.size() - 1;
    map.bins.rows = int(rows);
    map.counts.resize(heat.columns.size() * rows);
    for (int bucket = first; bucket <= last; ++bucket) {
        const auto above
            = std::upper_bound(map.edges.begin(), map.edges.end(), LogLinearHistogram::lowerBound(bucket));
        const auto row = std::min(std::size_t(above - map.edges.begin()) - 1, rows - 1);
        for (std::size_t bin = 0; bin < heat.columns.size(); ++bin)
            map.counts[bin * rows + row] += heat.columns[bin].buckets.count(bucket);
    }
    for (const std::int64_t n : map.counts)
        map.bins.heat.push_back(
            std::uint32_t(std::min<std::int64_t>(n, std::numeric_limits<std::uint32_t>::max())));
}

} // namespace

RemoteHeatMap remoteHeatMap(const live::RemoteHeat &heat)
{
    RemoteHeatMap map;
    map.bins.range = heat.range;
    if (heat.columns.empty() || heat.range.isEmpty())
        return map;
    // The second edge is one width behind the first (live::binEdge).
    map.bins.binNs = live::binEdge(heat.range, heat.bins, 1) - heat.range.begin;
    for (const live::RemoteHeat::Bin &column : heat.columns) {
        analysis::TimeBins::Bin bin;
        bin.count = column.buckets.total();
        bin.errors = column.errors;
        map.bins.bins.push_back(bin);
    }
    int first = 0, last = LogLinearHistogram::kBuckets - 1;
    while (first <= last && !hasSpans(heat, first))
        ++first;
    while (last > first && !hasSpans(heat, last))
        --last;
    if (first <= last)
        fillRows(heat, first, last, map);
    return map;
}

int remoteHeatBins(const live::RemoteHistogram &histogram)
{
    const std::vector<std::int64_t> &counts = histogram.buckets.counts();
    const auto used = std::size_t(std::count_if(counts.begin(), counts.end(), [](auto n) { return n > 0; }));
    // One row a bin, bucket and shard at most.
    const std::size_t rows = std::max<std::size_t>(1, used) * std::max<std::size_t>(1, histogram.shards);
    const std::size_t fit = (live::RemoteStore::kMaxRows - 1) / rows;
    return int(std::clamp<std::size_t>(fit, 1, kMostBins));
}

analysis::Filter narrowedToDurations(const analysis::Filter &filter, Nanos low, Nanos high)
{
    using Op = FilterTerm::Op;
    analysis::Filter out;
    Nanos end = high == kUnknownNanos ? kMost : high;
    for (const FilterTerm &term : filter.terms) {
        const bool isBound = term.field == FilterTerm::Field::Duration && !term.negated;
        if (isBound && (term.op == Op::GreaterEqual || term.op == Op::Greater))
            low = std::max(low, saturatingAdd(term.number, term.op == Op::Greater ? 1 : 0));
        else if (isBound && (term.op == Op::Less || term.op == Op::LessEqual))
            end = std::min(end, saturatingAdd(term.number, term.op == Op::LessEqual ? 1 : 0));
        else
            out.terms.push_back(term);
    }
    const analysis::Filter durations = valueFilter(false, low, end == kMost ? kUnknownNanos : end);
    out.terms.insert(out.terms.end(), durations.terms.begin(), durations.terms.end());
    return out;
}

} // namespace tailscope::items
