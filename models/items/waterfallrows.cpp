// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfallrows.h"

#include <algorithm>
#include <utility>

namespace tailscope::items {

using analysis::kNoRow;

namespace {

class RowBuilder
{
public:
    RowBuilder(const WaterfallTrace &trace, const WaterfallFolding &folding)
        : m_trace(trace)
        , m_folding(folding)
        , m_groupDone(trace.groups.size(), 0)
    {}

    std::vector<WaterfallRow> build()
    {
        if (m_trace.spans.root != kNoRow)
            walk(m_trace.spans.root, 0);
        std::vector<std::uint32_t> detached;
        for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
            if (m_trace.spans.parent[i] == kNoRow && i != m_trace.spans.root)
                detached.push_back(i);
        }
        const std::vector<std::uint32_t> async = std::exchange(m_async, {});
        band(WaterfallRow::Kind::AsyncBand, async, m_folding.hidesAsync);
        band(WaterfallRow::Kind::DetachedBand, detached, m_folding.hidesDetached);
        return std::move(m_rows);
    }

private:
    using Kind = WaterfallRow::Kind;

    struct Step
    {
        WaterfallRow row;
        bool isHidden = false; ///< a span inside a folded service: only its children matter
        std::uint32_t service = kNoRow; ///< of the visit it belongs to
    };

    Nanos startOf(const WaterfallRow &row) const { return intervalOfRow(m_trace, row).begin; }

    // Asynchronous spans found on the way are put at the end of the list, which grows while it is walked.
    void band(Kind kind, const std::vector<std::uint32_t> &roots, bool isClosed)
    {
        if (roots.empty())
            return;
        std::vector<std::uint32_t> queue = roots;
        const std::size_t heading = m_rows.size();
        m_rows.push_back({kind, std::uint32_t(queue.size()), 0, true, !isClosed});
        m_async.clear();
        for (std::size_t i = 0; i < queue.size(); ++i) {
            const std::size_t before = m_rows.size();
            walk(queue[i], 1);
            if (isClosed)
                m_rows.resize(before);
            queue.insert(queue.end(), m_async.begin(), m_async.end());
            m_async.clear();
        }
        m_rows[heading].index = std::uint32_t(queue.size());
    }

    void walk(std::uint32_t root, std::uint32_t depth)
    {
        m_stack.push_back({spanRow(root, depth), false, m_trace.service[root]});
        while (!m_stack.empty()) {
            const Step step = m_stack.back();
            m_stack.pop_back();
            if (!step.isHidden)
                m_rows.push_back(step.row);
            if (step.row.kind == Kind::Gap)
                continue;
            if (step.row.kind == Kind::Group) {
                if (step.row.isOpen)
                    pushCalls(step);
                continue;
            }
            pushChildren(step);
        }
    }

    WaterfallRow spanRow(std::uint32_t span, std::uint32_t depth) const
    {
        WaterfallRow row{Kind::Span, span, depth, false, false};
        for (std::uint32_t child = m_trace.spans.firstChild[span]; child != kNoRow && !row.hasChildren;
             child = m_trace.spans.nextSibling[child])
            row.hasChildren = !m_trace.spans.isAsync[child];
        row.isOpen = row.hasChildren && !m_folding.closed.contains(span);
        return row;
    }

    void push(std::uint32_t span, std::uint32_t depth, const Step &above)
    {
        const bool isInside = m_folding.foldsServices && m_trace.service[span] == above.service;
        m_stack.push_back(
            {spanRow(span, isInside ? above.row.depth : depth), isInside, m_trace.service[span]});
    }

    void pushCalls(const Step &step)
    {
        const auto &calls = m_trace.groups[step.row.index].calls;
        for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
            if (!m_trace.spans.isAsync[*call])
                push(*call, step.row.depth + 1, step);
        }
    }

    void pushChildren(const Step &step)
    {
        const std::uint32_t span = step.row.index;
        const analysis::TraceSpans &spans = m_trace.spans;
        const bool isOpen = !m_folding.closed.contains(span);
        // Even of closed spans: who waits for nobody has a row of its own.
        m_lines.clear();
        for (std::uint32_t child = spans.firstChild[span]; child != kNoRow;
             child = spans.nextSibling[child]) {
            if (spans.isAsync[child]) {
                m_async.push_back(child);
                continue;
            }
            const std::uint32_t group = m_trace.groupOf[child];
            if (!isOpen || (m_folding.foldsGroups && group != kNoRow && !m_folding.foldsServices)) {
                const bool isOpenGroup = isOpen && m_folding.openGroups.contains(group);
                if (isOpen && !std::exchange(m_groupDone[group], 1))
                    m_lines.push_back({Kind::Group, group, step.row.depth + 1, true, isOpenGroup});
                if (!isOpenGroup)
                    m_hiddenBelow.push_back(child);
                continue;
            }
            m_lines.push_back({Kind::Span, child, step.row.depth + 1, false, false});
        }
        collectAsyncBelow();
        if (!isOpen)
            return;
        // Between spans that are not shown a gap means nothing.
        if (m_folding.showsGaps && !m_folding.foldsServices) {
            for (std::uint32_t gap = m_trace.firstGap[span]; gap < m_trace.firstGap[span + 1]; ++gap) {
                if (m_trace.isRanked[gap])
                    m_lines.push_back({Kind::Gap, gap, step.row.depth + 1, false, false});
            }
            std::stable_sort(m_lines.begin(), m_lines.end(),
                [this](const WaterfallRow &a, const WaterfallRow &b) { return startOf(a) < startOf(b); });
        }
        for (auto line = m_lines.rbegin(); line != m_lines.rend(); ++line) {
            if (line->kind == Kind::Span)
                push(line->index, line->depth, step);
            else
                m_stack.push_back({*line, false, step.service});
        }
    }

    // Asynchronous spans inside closed subtrees.
    void collectAsyncBelow()
    {
        while (!m_hiddenBelow.empty()) {
            const std::uint32_t span = m_hiddenBelow.back();
            m_hiddenBelow.pop_back();
            for (std::uint32_t child = m_trace.spans.firstChild[span]; child != kNoRow;
                 child = m_trace.spans.nextSibling[child])
                (m_trace.spans.isAsync[child] ? m_async : m_hiddenBelow).push_back(child);
        }
    }

    const WaterfallTrace &m_trace;
    const WaterfallFolding &m_folding;
    std::vector<WaterfallRow> m_rows, m_lines;
    std::vector<Step> m_stack;
    std::vector<std::uint32_t> m_async, m_hiddenBelow;
    std::vector<std::uint8_t> m_groupDone;
};

} // namespace

std::vector<WaterfallRow> buildWaterfallRows(const WaterfallTrace &trace, const WaterfallFolding &folding)
{
    return RowBuilder(trace, folding).build();
}

int rowOfSpan(const WaterfallTrace &trace, const std::vector<WaterfallRow> &rows, std::uint32_t span)
{
    std::vector<int> ofSpan(trace.size(), -1), ofGroup(trace.groups.size(), -1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].kind == WaterfallRow::Kind::Span)
            ofSpan[rows[i].index] = int(i);
        else if (rows[i].kind == WaterfallRow::Kind::Group)
            ofGroup[rows[i].index] = int(i);
    }
    for (std::size_t steps = 0; span != kNoRow && steps <= trace.size(); ++steps) {
        if (ofSpan[span] >= 0)
            return ofSpan[span];
        const std::uint32_t group = trace.groupOf[span];
        if (group != kNoRow && ofGroup[group] >= 0)
            return ofGroup[group];
        span = trace.spans.parent[span];
    }
    return -1;
}

bool revealSpan(const WaterfallTrace &trace, WaterfallFolding &folding, std::uint32_t span)
{
    bool changed = false;
    std::uint32_t at = span;
    for (std::size_t steps = 0; at != kNoRow && steps <= trace.size(); ++steps) {
        if (folding.foldsGroups && trace.groupOf[at] != kNoRow)
            changed |= folding.openGroups.insert(trace.groupOf[at]).second;
        if (trace.spans.isAsync[at]) {
            changed |= folding.hidesAsync;
            folding.hidesAsync = false;
        }
        const std::uint32_t above = trace.spans.parent[at];
        if (above == kNoRow && at != trace.spans.root) {
            changed |= folding.hidesDetached;
            folding.hidesDetached = false;
        }
        if (above != kNoRow && !trace.spans.isAsync[at])
            changed |= folding.closed.erase(above) > 0;
        if (folding.foldsServices && above != kNoRow && trace.service[above] == trace.service[at]) {
            folding.foldsServices = false;
            changed = true;
        }
        at = above;
    }
    return changed;
}

std::uint32_t spanOfRow(const WaterfallTrace &trace, const WaterfallRow &row)
{
    switch (row.kind) {
    case WaterfallRow::Kind::Span:
        return row.index;
    case WaterfallRow::Kind::Gap:
        return trace.gaps[row.index].span;
    case WaterfallRow::Kind::Group: {
        const auto &calls = trace.groups[row.index].calls;
        return *std::max_element(calls.begin(), calls.end(), [&](std::uint32_t a, std::uint32_t b) {
            return trace.spans.duration[a] < trace.spans.duration[b];
        });
    }
    default:
        return kNoRow;
    }
}

TimeRange intervalOfRow(const WaterfallTrace &trace, const WaterfallRow &row)
{
    const analysis::TraceSpans &spans = trace.spans;
    switch (row.kind) {
    case WaterfallRow::Kind::Span:
        return {spans.start[row.index], spans.endOf(row.index)};
    case WaterfallRow::Kind::Gap: {
        const analysis::TraceGap &gap = trace.gaps[row.index];
        return {gap.start, saturatingAdd(gap.start, gap.duration)};
    }
    case WaterfallRow::Kind::Group: {
        const auto &calls = trace.groups[row.index].calls;
        TimeRange range{spans.start[calls.front()], spans.endOf(calls.front())};
        for (const std::uint32_t call : calls)
            range.end = std::max(range.end, spans.endOf(call));
        return range;
    }
    default:
        return {spans.begin, spans.end};
    }
}

} // namespace tailscope::items
