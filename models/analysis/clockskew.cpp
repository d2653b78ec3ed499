// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/clockskew.h"

#include "analysis/spanrelation.h"

#include <algorithm>
#include <cstdlib>

namespace tailscope::analysis {

namespace {

bool isSameHost(const SpanColumns &columns, std::uint32_t rowA, std::uint32_t rowB)
{
    if (columns.track[rowA] == columns.track[rowB])
        return true;
    const TrackInfo &a = columns.tracks[columns.track[rowA]];
    const TrackInfo &b = columns.tracks[columns.track[rowB]];
    return a.service == b.service && a.instance == b.instance;
}

/// What to add to the start of a child on another host than its parent; 0 = it may be right.
Nanos shiftOf(const SpanExtent &parent, const SpanExtent &child)
{
    if (!parent.isKnown() || !child.isKnown() || isAsyncByKind(parent.kind, child.kind))
        return 0;
    const Nanos tolerance = skewTolerance(parent.duration);
    const bool fits = child.duration <= parent.duration;
    const bool isEarly = child.start < saturatingSub(parent.start, tolerance);
    const bool isLate = child.end() > saturatingAdd(parent.end(), tolerance);
    const bool isAnswered = parent.kind == SpanKind::Client && child.kind == SpanKind::Server;
    if (!isEarly && !(isLate && isAnswered && fits))
        return 0;
    const Nanos wanted = fits ? saturatingAdd(parent.start, (parent.duration - child.duration) / 2)
                              : saturatingAdd(parent.start, kNanosPerMicro);
    return saturatingSub(wanted, child.start);
}

} // namespace

SkewCorrection correctSkew(TraceSpans &trace, const SpanColumns &columns)
{
    SkewCorrection result;
    result.shift.assign(trace.size(), 0);
    const auto extentOf = [&](std::uint32_t i) {
        return SpanExtent{SpanKind(columns.kind[trace.row[i]]), trace.start[i], trace.duration[i]};
    };
    std::vector<std::uint32_t> stack; // spans in their final places whose children come next
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        if (trace.parent[i] == kNoRow)
            stack.push_back(i);
    }
    while (!stack.empty()) {
        const std::uint32_t parent = stack.back();
        stack.pop_back();
        for (std::uint32_t child = trace.firstChild[parent]; child != kNoRow;
             child = trace.nextSibling[child]) {
            const Nanos shift = isSameHost(columns, trace.row[parent], trace.row[child])
                ? result.shift[parent]
                : shiftOf(extentOf(parent), extentOf(child));
            if (shift != 0) {
                result.shift[child] = shift;
                trace.start[child] = saturatingAdd(trace.start[child], shift);
                result.largest = std::max(result.largest, shift < 0 ? -shift : shift);
                ++result.corrected;
            }
            stack.push_back(child);
        }
    }
    if (result.corrected > 0)
        trace.relink(columns);
    return result;
}

} // namespace tailscope::analysis
