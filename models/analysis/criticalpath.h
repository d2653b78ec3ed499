// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanclass.h"
#include "analysis/tracegaps.h"
#include "analysis/tracespans.h"

#include <array>
#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// A stretch of the critical path: own time of a span. `span` is local to the trace; times in ns.
struct PathSegment
{
    std::uint32_t span = 0;
    Nanos start = 0, duration = 0;
    bool isGap = false; ///< the span has children and none of them runs (tracegaps.h)
    TimeClass timeClass = TimeClass::Unknown;
};

/// A child that ends up to this much after the next one began counts as finished before it: clocks are
/// rounded and differ by a little. At least 1 us, at most 1 ms, else 1 % of the child.
Nanos overlapTolerance(Nanos childDuration);

/// The critical path of a trace (formulas.md FB-05): what the root waited for, found by walking back from
/// its end. From a moment on the path of a span the walk goes to the child that finished last before it,
/// into that child, and on from that child's start; where no child qualifies the span itself is on the path.
/// A child that was still running when the next one on the path began cannot be what that one waited for.
///
/// Never on the path: children nobody waits for (isAsync: by kind, links, producer to consumer, or ending
/// after the parent), unknown durations, other roots. Children are clipped to their parent. The segments come
/// in the order of time, touch each other and cover the root's interval exactly; empty when the root's
/// duration is unknown. What a trace cannot tell: a child that was started without waiting, but happened to
/// end before its parent, is taken for one that was waited for.
///
/// Keeps its memory between traces; one object a thread. O(n log n), no recursion.
class CriticalPathFinder
{
public:
    explicit CriticalPathFinder(const SpanClasses &classes)
        : m_classes(classes)
    {}
    /// Replaces `out`.
    void find(const TraceSpans &trace, std::vector<PathSegment> &out);

private:
    struct Step // on the stack: a span's window still to be walked, or a finished segment
    {
        std::uint32_t span = 0;
        bool isSegment = false, isGap = false;
        TimeClass timeClass = TimeClass::Unknown;
        Nanos begin = 0, end = 0;
    };
    void walk(const TraceSpans &trace, const Step &window);
    void pushOwn(std::uint32_t row, std::uint32_t span, Nanos begin, Nanos end);

    const SpanClasses &m_classes;
    std::vector<Step> m_stack;
    std::vector<std::uint32_t> m_candidates;
    std::vector<TraceGap> m_gaps; // of the span being walked
    std::size_t m_gapsLeft = 0; // those behind the cursor are done
};

/// The same for one trace.
void criticalPath(const TraceSpans &trace, const SpanColumns &columns, const SpanClasses &classes,
    std::vector<PathSegment> &out);

/// Time of a path by class, in ns; adds up to the root's duration.
std::array<Nanos, kTimeClasses> timeByClass(const std::vector<PathSegment> &path);

} // namespace tailscope::analysis
