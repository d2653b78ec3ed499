// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracespans.h"

#include "analysis/spanrelation.h"

#include <algorithm>
#include <numeric>

namespace tailscope::analysis {

void TraceSpans::load(const SpanColumns &columns, std::uint32_t traceIndex,
    std::span<const std::uint32_t> rows)
{
    const std::size_t n = rows.size();
    trace = traceIndex;
    row.assign(rows.begin(), rows.end());
    start.resize(n);
    duration.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        start[i] = columns.start[row[i]];
        duration[i] = columns.duration[row[i]];
    }
    // Local indices sorted by row: parents are looked up there.
    m_byRow.resize(n);
    std::iota(m_byRow.begin(), m_byRow.end(), 0u);
    std::sort(m_byRow.begin(), m_byRow.end(),
        [this](std::uint32_t a, std::uint32_t b) { return row[a] < row[b]; });
    parent.assign(n, kNoRow);
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t above = columns.parent[row[i]];
        if (above == kNoRow)
            continue;
        const auto found = std::lower_bound(m_byRow.begin(), m_byRow.end(), above,
            [this](std::uint32_t local, std::uint32_t wanted) { return row[local] < wanted; });
        if (found != m_byRow.end() && row[*found] == above && *found != i)
            parent[i] = *found;
    }
    cutCycles();
    relink(columns);
}

// A hostile file may name a span as its own ancestor: walking up marks what was visited in this walk.
void TraceSpans::cutCycles()
{
    std::vector<std::uint32_t> &walk = m_order; // number of the walk that reached a span first, 0 = none
    walk.assign(size(), 0);
    for (std::uint32_t i = 0; i < size(); ++i) {
        const std::uint32_t mark = i + 1;
        std::uint32_t at = i;
        while (at != kNoRow && walk[at] == 0) {
            walk[at] = mark;
            at = parent[at];
        }
        if (at == kNoRow || walk[at] != mark)
            continue;
        std::uint32_t first = at; // on the cycle: cut above its earliest span
        for (std::uint32_t next = parent[at]; next != at; next = parent[next]) {
            if (next < first)
                first = next;
        }
        parent[first] = kNoRow;
    }
}

void TraceSpans::relink(const SpanColumns &columns)
{
    const std::size_t n = size();
    m_order.resize(n);
    std::iota(m_order.begin(), m_order.end(), 0u);
    const auto earlier = [this](std::uint32_t a, std::uint32_t b) {
        if (start[a] != start[b])
            return start[a] < start[b];
        if (duration[a] != duration[b])
            return duration[a] > duration[b];
        return a < b;
    };
    if (!std::is_sorted(m_order.begin(), m_order.end(), earlier))
        std::sort(m_order.begin(), m_order.end(), earlier);
    firstChild.assign(n, kNoRow);
    nextSibling.assign(n, kNoRow);
    isAsync.assign(n, 0);
    root = kNoRow;
    begin = n == 0 ? 0 : start[m_order.front()];
    end = begin;
    for (auto it = m_order.rbegin(); it != m_order.rend(); ++it) {
        const std::uint32_t i = *it;
        end = std::max({end, start[i], endOf(i)});
        const std::uint32_t above = parent[i];
        if (above == kNoRow) {
            root = i; // walking backwards in time: the last one set is the first to start
            continue;
        }
        nextSibling[i] = firstChild[above];
        firstChild[above] = i;
        isAsync[i] = isAsyncChild({SpanKind(columns.kind[row[above]]), start[above], duration[above]},
            {SpanKind(columns.kind[row[i]]), start[i], duration[i]});
    }
}

} // namespace tailscope::analysis
