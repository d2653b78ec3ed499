// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/clockskew.h"
#include "analysis/criticalpath.h"
#include "analysis/tracerows.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// One trace after another: its tree with corrected clocks and its critical path. Keeps its memory; one
/// object a thread. What it is built from must outlive it.
class TracePaths
{
public:
    TracePaths(const SpanColumns &columns, const TraceRows &rows, const SpanClasses &classes)
        : m_columns(columns)
        , m_rows(rows)
        , m_classes(classes)
        , m_finder(classes)
    {}
    void load(std::uint32_t trace);

    TraceSpans trace;
    SkewCorrection skew;
    std::vector<PathSegment> path;

    const SpanColumns &columns() const { return m_columns; }
    const SpanClasses &classes() const { return m_classes; }
    /// Duration of the root; kUnknownNanos without one.
    Nanos rootDuration() const;

private:
    const SpanColumns &m_columns;
    const TraceRows &m_rows;
    const SpanClasses &m_classes;
    CriticalPathFinder m_finder;
};

/// Two runs of traces with about equally many spans, [0, cut) and [cut, size): for two threads whose results
/// are joined in this order.
std::size_t middleOf(const TraceRows &rows, std::span<const std::uint32_t> traces);

/// All trace indices, ascending.
std::vector<std::uint32_t> allTraces(const TraceRows &rows);

/// Where the time of one trace goes: a row of trace_time. Times in ns along the critical path; with an
/// unknown root duration everything but the skew is unknown.
struct TraceTime
{
    std::uint32_t trace = kNoRow;
    Nanos duration = kUnknownNanos; ///< of the root
    std::array<Nanos, kTimeClasses> byClass{}; ///< adds up to duration
    std::uint32_t largestRow = kNoRow; ///< SpanColumns row of the span with the most time on the path
    Nanos largest = kUnknownNanos; ///< that time
    Nanos largestGap = kUnknownNanos; ///< longest stretch of the path in no span; 0 = none
    Nanos skew = 0; ///< the largest clock correction; 0 = none
};
TraceTime traceTime(const TracePaths &trace);

} // namespace tailscope::analysis
