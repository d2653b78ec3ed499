// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracepaths.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tailscope::analysis {

void TracePaths::load(std::uint32_t index)
{
    trace.load(m_columns, index, m_rows.rows(index));
    skew = correctSkew(trace, m_columns);
    m_finder.find(trace, path);
}

Nanos TracePaths::rootDuration() const
{
    return trace.root == kNoRow ? kUnknownNanos : trace.duration[trace.root];
}

std::size_t middleOf(const TraceRows &rows, std::span<const std::uint32_t> traces)
{
    std::uint64_t spans = 0;
    for (const std::uint32_t trace : traces)
        spans += rows.rows(trace).size();
    std::uint64_t before = 0;
    std::size_t cut = 0;
    while (cut < traces.size() && 2 * before < spans)
        before += rows.rows(traces[cut++]).size();
    return cut;
}

std::vector<std::uint32_t> allTraces(const TraceRows &rows)
{
    std::vector<std::uint32_t> traces(rows.traces());
    std::iota(traces.begin(), traces.end(), 0u);
    return traces;
}

namespace {

/// Span with the most time on the path, and that time; of equal ones the first in the trace.
std::pair<std::uint32_t, Nanos> largestOf(const std::vector<PathSegment> &path)
{
    std::vector<std::pair<std::uint32_t, Nanos>> bySpan;
    bySpan.reserve(path.size());
    for (const PathSegment &segment : path)
        bySpan.emplace_back(segment.span, segment.duration);
    std::sort(bySpan.begin(), bySpan.end());
    std::pair<std::uint32_t, Nanos> best{kNoRow, 0};
    for (std::size_t i = 0; i < bySpan.size();) {
        const std::uint32_t span = bySpan[i].first;
        Nanos sum = 0;
        for (; i < bySpan.size() && bySpan[i].first == span; ++i)
            sum += bySpan[i].second;
        if (sum > best.second)
            best = {span, sum};
    }
    return best;
}

} // namespace

TraceTime traceTime(const TracePaths &paths)
{
    TraceTime result;
    result.trace = paths.trace.trace;
    result.skew = paths.skew.largest;
    result.duration = paths.rootDuration();
    if (result.duration == kUnknownNanos)
        return result;
    result.byClass = timeByClass(paths.path);
    result.largestGap = 0;
    for (const PathSegment &segment : paths.path) {
        if (segment.isGap)
            result.largestGap = std::max(result.largestGap, segment.duration);
    }
    const auto [span, time] = largestOf(paths.path);
    if (span != kNoRow) {
        result.largestRow = paths.trace.row[span];
        result.largest = time;
    }
    return result;
}

} // namespace tailscope::analysis
