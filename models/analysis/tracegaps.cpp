// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracegaps.h"

#include <algorithm>

namespace tailscope::analysis {

std::string_view name(TraceGap::Place place)
{
    switch (place) {
    case TraceGap::Place::BeforeFirst:
        return "before_first";
    case TraceGap::Place::Between:
        return "between";
    case TraceGap::Place::AfterLast:
        return "after_last";
    }
    return "between";
}

void gapsOfSpan(const TraceSpans &trace, const SpanClasses &classes, std::uint32_t span, Nanos atLeast,
    std::vector<TraceGap> &out)
{
    if (trace.duration[span] == kUnknownNanos)
        return;
    const Nanos begin = trace.start[span], end = trace.endOf(span);
    Nanos cursor = begin; // end of what is covered so far
    std::uint32_t last = kNoRow; // the child that covers up to there
    const auto emit = [&](Nanos until, std::uint32_t after) {
        if (until <= cursor || until - cursor < atLeast)
            return;
        TraceGap gap;
        gap.span = span;
        gap.start = cursor;
        gap.duration = until - cursor;
        gap.before = last;
        gap.after = after;
        gap.place = last == kNoRow ? TraceGap::Place::BeforeFirst
            : after == kNoRow      ? TraceGap::Place::AfterLast
                                   : TraceGap::Place::Between;
        gap.timeClass = classes.ofGap(trace.row[span], gap.duration);
        out.push_back(gap);
    };
    for (std::uint32_t child = trace.firstChild[span]; child != kNoRow; child = trace.nextSibling[child]) {
        if (trace.isAsync[child] != 0 || trace.duration[child] == kUnknownNanos)
            continue;
        const Nanos from = std::max(trace.start[child], begin), to = std::min(trace.endOf(child), end);
        if (to <= from)
            continue;
        emit(from, child);
        if (last == kNoRow || to > cursor) {
            cursor = to;
            last = child;
        }
    }
    if (last != kNoRow)
        emit(end, kNoRow);
}

void traceGaps(const TraceSpans &trace, const SpanColumns & /*columns*/, const SpanClasses &classes,
    Nanos atLeast, std::vector<TraceGap> &out)
{
    out.clear();
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        if (trace.firstChild[i] != kNoRow)
            gapsOfSpan(trace, classes, i, atLeast, out);
    }
}

} // namespace tailscope::analysis
