// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/criticalpath.h"

#include <algorithm>

namespace tailscope::analysis {

Nanos overlapTolerance(Nanos childDuration)
{
    return std::clamp<Nanos>(childDuration / 100, kNanosPerMicro, kNanosPerMilli);
}

void CriticalPathFinder::find(const TraceSpans &trace, std::vector<PathSegment> &out)
{
    out.clear();
    if (trace.root == kNoRow || trace.duration[trace.root] == kUnknownNanos)
        return;
    m_stack.clear();
    Step whole;
    whole.span = trace.root;
    whole.begin = trace.start[trace.root];
    whole.end = trace.endOf(trace.root);
    if (whole.end > whole.begin)
        m_stack.push_back(whole);
    while (!m_stack.empty()) {
        const Step step = m_stack.back();
        m_stack.pop_back();
        if (step.isSegment)
            out.push_back({step.span, step.begin, step.end - step.begin, step.isGap, step.timeClass});
        else
            walk(trace, step);
    }
}

// Pushes the parts of the window from its end to its begin, so that they are taken in the order of time.
void CriticalPathFinder::walk(const TraceSpans &trace, const Step &window)
{
    const std::uint32_t span = window.span;
    m_candidates.clear();
    for (std::uint32_t child = trace.firstChild[span]; child != kNoRow; child = trace.nextSibling[child]) {
        if (trace.isAsync[child] == 0 && trace.duration[child] != kUnknownNanos
            && trace.start[child] < window.end && trace.endOf(child) > window.begin)
            m_candidates.push_back(child);
    }
    m_gaps.clear();
    if (trace.firstChild[span] != kNoRow)
        gapsOfSpan(trace, m_classes, span, 0, m_gaps);
    m_gapsLeft = m_gaps.size();
    // By end, last first; of those that end together the longest: a group takes as long as its slowest.
    const auto endOf = [&](std::uint32_t child) { return std::min(trace.endOf(child), window.end); };
    std::sort(m_candidates.begin(), m_candidates.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (endOf(a) != endOf(b))
            return endOf(a) > endOf(b);
        return trace.start[a] != trace.start[b] ? trace.start[a] < trace.start[b] : a < b;
    });
    Nanos cursor = window.end;
    for (const std::uint32_t child : m_candidates) {
        const Nanos begin = std::max(trace.start[child], window.begin);
        const Nanos end = std::min(endOf(child), cursor);
        if (end <= begin || endOf(child) > saturatingAdd(cursor, overlapTolerance(trace.duration[child])))
            continue;
        pushOwn(trace.row[span], span, end, cursor);
        Step inner;
        inner.span = child;
        inner.begin = begin;
        inner.end = end;
        m_stack.push_back(inner);
        cursor = begin;
    }
    pushOwn(trace.row[span], span, window.begin, cursor);
}

// Own time [begin, end) on the path, cut where a child that is not on the path starts or stops covering it.
void CriticalPathFinder::pushOwn(std::uint32_t row, std::uint32_t span, Nanos begin, Nanos end)
{
    const auto push = [&](Nanos from, Nanos to, bool isGap, TimeClass timeClass) {
        if (to <= from)
            return;
        Step segment;
        segment.span = span;
        segment.isSegment = true;
        segment.isGap = isGap;
        segment.timeClass = timeClass;
        segment.begin = from;
        segment.end = to;
        m_stack.push_back(segment);
    };
    Nanos cursor = end;
    while (m_gapsLeft > 0) {
        const TraceGap &gap = m_gaps[m_gapsLeft - 1];
        const Nanos gapEnd = gap.start + gap.duration;
        if (gapEnd <= begin)
            break;
        const Nanos from = std::max(gap.start, begin), to = std::min(gapEnd, cursor);
        if (to > from) {
            push(to, cursor, false, m_classes.ofSelf(row));
            push(from, to, true, gap.timeClass);
            cursor = from;
        }
        if (gap.start < begin)
            break; // the rest of it belongs to an earlier stretch
        --m_gapsLeft;
    }
    push(begin, cursor, false, m_classes.ofSelf(row));
}

void criticalPath(const TraceSpans &trace, const SpanColumns & /*columns*/, const SpanClasses &classes,
    std::vector<PathSegment> &out)
{
    CriticalPathFinder(classes).find(trace, out);
}

std::array<Nanos, kTimeClasses> timeByClass(const std::vector<PathSegment> &path)
{
    std::array<Nanos, kTimeClasses> sums{};
    for (const PathSegment &segment : path)
        sums[std::size_t(segment.timeClass)] += segment.duration;
    return sums;
}

} // namespace tailscope::analysis
