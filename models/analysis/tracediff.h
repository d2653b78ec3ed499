// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/criticalpath.h"
#include "analysis/tracespans.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// One of two traces that are compared, with its critical path.
struct TraceDiffSide
{
    const TraceSpans &spans;
    const std::vector<PathSegment> &path;
};

/// A span of both traces, or of one of them.
struct TraceDiffRow
{
    std::uint32_t parent = kNoRow; ///< row of the parent; kNoRow = a root
    std::uint32_t depth = 0;
    std::uint32_t a = kNoRow, b = kNoRow; ///< local spans; kNoRow = only in the other trace
    Nanos totalA = 0, totalB = 0; ///< durations; 0 on the side it is missing, kUnknownNanos = unknown
    Nanos selfA = 0, selfB = 0; ///< without the union of the synchronous children; likewise
    Nanos criticalA = 0, criticalB = 0; ///< own time on the critical path

    bool isBoth() const { return a != kNoRow && b != kNoRow; }
    /// B - A; a missing side counts as 0. kUnknownNanos when a side is unknown.
    Nanos totalDelta() const { return delta(totalA, totalB); }
    Nanos selfDelta() const { return delta(selfA, selfB); }

private:
    static Nanos delta(Nanos a, Nanos b)
    {
        return a == kUnknownNanos || b == kUnknownNanos ? kUnknownNanos : saturatingSub(b, a);
    }
};

/// Time on the critical paths of all spans of one operation and service, by class.
struct TraceDiffPart
{
    std::uint32_t row = 0; ///< of the columns: an example, which names operation and track
    bool isGap = false; ///< time in no child of the operation
    TimeClass timeClass = TimeClass::Unknown;
    Nanos a = 0, b = 0;
    Nanos delta() const { return saturatingSub(b, a); }
};

/// Two traces compared by time. The deltas of the parts add up to requestB - requestA.
struct TraceDiff
{
    std::vector<TraceDiffRow> rows; ///< in the order of the tree: parents before children, children by start
    std::vector<TraceDiffPart> parts; ///< largest |delta| first; then by operation
    Nanos requestA = kUnknownNanos, requestB = kUnknownNanos; ///< durations of the roots
    std::uint32_t both = 0, onlyA = 0, onlyB = 0; ///< rows
};

/// Spans belong together when their parents do, service (or process) and operation are equal, and each is the
/// n-th such child by start. The roots belong together whatever their names. Roots beside them are compared
/// like children of a common parent. O(n log n), no recursion; any thread.
TraceDiff diffTraces(const SpanColumns &columns, const TraceDiffSide &a, const TraceDiffSide &b);

} // namespace tailscope::analysis
