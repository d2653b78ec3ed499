// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"

#include <cstddef>
#include <cstdint>

namespace tailscope::analysis {

/// How much the stored results keep; the rest is computed when it is asked for (criticalset.h, tracegaps.h).
struct PathBounds
{
    /// trace_gap: of every trace the longest gaps that reach 1 ms or 1 % of the trace (and 1 us), at most so
    /// many; fewer a trace (down to 1) where all traces together would pass kGaps.
    static constexpr std::size_t kGapsPerTrace = 8;
    static constexpr std::size_t kGaps = 1'000'000;
    /// critical_segment: the slowest traces of each root operation, of the operations with the most time, and
    /// traces spread evenly over all.
    static constexpr std::size_t kSlowestPerOperation = 20;
    static constexpr std::size_t kOperations = 500;
    static constexpr std::size_t kEvenSample = 1000;
    /// Of a trace with more segments the longest ones.
    static constexpr std::size_t kSegmentsPerTrace = 1000;
};

/// Writes trace_gap, of all traces, with corrected clocks.
Result<WriteRows> computeTraceGaps(const TraceInput &input);

/// Writes trace_time and critical_operation of all traces and critical_segment of some (PathBounds), with
/// corrected clocks. 100,000 traces of ten spans take about a second.
Result<WriteRows> computeCriticalPaths(const TraceInput &input);

} // namespace tailscope::analysis
