// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanclass.h"
#include "analysis/tracespans.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// Time of a span in which none of its synchronous children runs. Indices are local to the trace.
struct TraceGap
{
    enum class Place : std::uint8_t { BeforeFirst, Between, AfterLast };
    std::uint32_t span = 0;
    Nanos start = 0, duration = 0; ///< ns; start on the trace's (maybe corrected) clock
    std::uint32_t before = kNoRow; ///< the child that ended last before it; kNoRow = it begins with the span
    std::uint32_t after = kNoRow; ///< the child that begins after it; kNoRow = it ends with the span
    Place place = Place::Between;
    TimeClass timeClass = TimeClass::Unknown;
};

/// As in trace_gap.place: "before_first", "between", "after_last".
std::string_view name(TraceGap::Place place);

/// Gaps of one span, earliest first, appended to `out` (formulas.md FB-06: the span minus the union of its
/// synchronous children, clipped to it). A span without such a child of known, positive length has none: all
/// of its time is self time. Between a client span and the server span of its callee the gap is the way
/// there and back.
void gapsOfSpan(const TraceSpans &trace, const SpanClasses &classes, std::uint32_t span, Nanos atLeast,
    std::vector<TraceGap> &out);

/// Replaces `out` by all gaps of the trace of `atLeast` ns or more, by span and time. O(spans); any thread.
void traceGaps(const TraceSpans &trace, const SpanColumns &columns, const SpanClasses &classes, Nanos atLeast,
    std::vector<TraceGap> &out);

} // namespace tailscope::analysis
