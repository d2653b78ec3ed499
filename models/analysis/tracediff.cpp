// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracediff.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace tailscope::analysis {

namespace {

Nanos selfOf(const TraceSpans &spans, std::uint32_t i)
{
    if (spans.duration[i] == kUnknownNanos)
        return kUnknownNanos;
    const Nanos begin = spans.start[i], end = spans.endOf(i);
    Nanos covered = 0, cursor = begin;
    for (std::uint32_t child = spans.firstChild[i]; child != kNoRow; child = spans.nextSibling[child]) {
        if (spans.isAsync[child] || spans.duration[child] == kUnknownNanos)
            continue;
        const Nanos from = std::max(spans.start[child], cursor), to = std::min(spans.endOf(child), end);
        if (to > from) {
            covered += to - from;
            cursor = to;
        }
    }
    return std::max<Nanos>(0, saturatingSub(spans.duration[i], covered));
}

class Differ
{
public:
    Differ(const SpanColumns &columns, const TraceDiffSide &a, const TraceDiffSide &b)
        : m_columns(columns)
        , m_sides{&a, &b}
    {
        std::map<std::string_view, std::uint32_t> numbers;
        for (const TrackInfo &track : columns.tracks) {
            const std::string_view name = track.service.empty() ? track.process : track.service;
            m_service.push_back(numbers.try_emplace(name, std::uint32_t(numbers.size())).first->second);
        }
        for (const int side : {0, 1}) {
            m_critical[side].assign(m_sides[side]->spans.size(), 0);
            for (const PathSegment &segment : m_sides[side]->path)
                m_critical[side][segment.span] += segment.duration;
        }
    }

    TraceDiff run()
    {
        const std::uint32_t rootA = spans(0).root, rootB = spans(1).root;
        m_diff.requestA = rootA == kNoRow ? kUnknownNanos : spans(0).duration[rootA];
        m_diff.requestB = rootB == kNoRow ? kUnknownNanos : spans(1).duration[rootB];
        std::vector<std::uint32_t> others[2];
        for (const int side : {0, 1}) {
            for (std::uint32_t i = 0; i < spans(side).size(); ++i) {
                if (spans(side).parent[i] == kNoRow && i != spans(side).root)
                    others[side].push_back(i);
            }
            sortByStart(side, others[side]);
        }
        // Last in, first out: the requests come first.
        pushMatched(others[0], others[1], kNoRow, 0);
        if (rootA != kNoRow || rootB != kNoRow)
            m_stack.push_back({rootA, rootB, kNoRow, 0});
        while (!m_stack.empty()) {
            const Pair pair = m_stack.back();
            m_stack.pop_back();
            const auto row = std::uint32_t(m_diff.rows.size());
            addRow(pair);
            for (const int side : {0, 1}) {
                m_children[side].clear();
                const std::uint32_t span = side == 0 ? pair.a : pair.b;
                if (span == kNoRow)
                    continue;
                for (std::uint32_t child = spans(side).firstChild[span]; child != kNoRow;
                     child = spans(side).nextSibling[child])
                    m_children[side].push_back(child);
            }
            pushMatched(m_children[0], m_children[1], row, pair.depth + 1);
        }
        addParts();
        return std::move(m_diff);
    }

private:
    struct Pair
    {
        std::uint32_t a, b, parent, depth;
    };

    const TraceSpans &spans(int side) const { return m_sides[side]->spans; }

    void sortByStart(int side, std::vector<std::uint32_t> &list) const
    {
        std::stable_sort(list.begin(), list.end(),
            [&](std::uint32_t x, std::uint32_t y) { return spans(side).start[x] < spans(side).start[y]; });
    }

    std::uint64_t keyOf(int side, std::uint32_t span) const
    {
        const std::uint32_t row = spans(side).row[span];
        return std::uint64_t(m_service[m_columns.track[row]]) << 32 | m_columns.operation[row];
    }

    // Starts count from the begin of the request, so that both sides have one order.
    Nanos placeOf(const Pair &pair) const
    {
        const int side = pair.a != kNoRow ? 0 : 1;
        const std::uint32_t root = spans(side).root;
        const Nanos from = root == kNoRow ? spans(side).begin : spans(side).start[root];
        return saturatingSub(spans(side).start[side == 0 ? pair.a : pair.b], from);
    }

    // Children of both sides, each list by start: the n-th of a key with the n-th.
    void pushMatched(const std::vector<std::uint32_t> &a, const std::vector<std::uint32_t> &b,
        std::uint32_t parent, std::uint32_t depth)
    {
        std::map<std::uint64_t, std::vector<std::uint32_t>> waiting;
        for (const std::uint32_t span : b)
            waiting[keyOf(1, span)].push_back(span);
        std::map<std::uint64_t, std::size_t> taken;
        m_pairs.clear();
        for (const std::uint32_t span : a) {
            const auto found = waiting.find(keyOf(0, span));
            std::size_t &n = taken[keyOf(0, span)];
            const bool hasOther = found != waiting.end() && n < found->second.size();
            m_pairs.push_back({span, hasOther ? found->second[n++] : kNoRow, parent, depth});
        }
        for (const auto &[key, list] : waiting) {
            for (std::size_t n = taken[key]; n < list.size(); ++n)
                m_pairs.push_back({kNoRow, list[n], parent, depth});
        }
        std::stable_sort(m_pairs.begin(), m_pairs.end(), [this](const Pair &x, const Pair &y) {
            return std::tuple(placeOf(x), x.a, x.b) < std::tuple(placeOf(y), y.a, y.b);
        });
        m_stack.insert(m_stack.end(), m_pairs.rbegin(), m_pairs.rend());
    }

    void addRow(const Pair &pair)
    {
        TraceDiffRow row;
        row.parent = pair.parent;
        row.depth = pair.depth;
        row.a = pair.a;
        row.b = pair.b;
        if (pair.a != kNoRow) {
            row.totalA = spans(0).duration[pair.a];
            row.selfA = selfOf(spans(0), pair.a);
            row.criticalA = m_critical[0][pair.a];
        }
        if (pair.b != kNoRow) {
            row.totalB = spans(1).duration[pair.b];
            row.selfB = selfOf(spans(1), pair.b);
            row.criticalB = m_critical[1][pair.b];
        }
        ++(row.isBoth() ? m_diff.both : pair.a != kNoRow ? m_diff.onlyA : m_diff.onlyB);
        m_diff.rows.push_back(row);
    }

    void addParts()
    {
        std::map<std::tuple<std::uint64_t, bool, TimeClass>, TraceDiffPart> parts;
        for (const int side : {0, 1}) {
            for (const PathSegment &segment : m_sides[side]->path) {
                TraceDiffPart &part = parts[{keyOf(side, segment.span), segment.isGap, segment.timeClass}];
                if (part.a == 0 && part.b == 0)
                    part = {spans(side).row[segment.span], segment.isGap, segment.timeClass, 0, 0};
                (side == 0 ? part.a : part.b) += segment.duration;
            }
        }
        for (const auto &[key, part] : parts)
            m_diff.parts.push_back(part);
        const auto size
            = [](const TraceDiffPart &part) { return part.delta() < 0 ? -part.delta() : part.delta(); };
        std::stable_sort(m_diff.parts.begin(), m_diff.parts.end(),
            [&](const TraceDiffPart &x, const TraceDiffPart &y) { return size(x) > size(y); });
    }

    const SpanColumns &m_columns;
    const TraceDiffSide *m_sides[2];
    std::vector<std::uint32_t> m_service; // by track
    std::vector<Nanos> m_critical[2]; // by span
    std::vector<Pair> m_stack, m_pairs;
    std::vector<std::uint32_t> m_children[2];
    TraceDiff m_diff;
};

} // namespace

TraceDiff diffTraces(const SpanColumns &columns, const TraceDiffSide &a, const TraceDiffSide &b)
{
    return Differ(columns, a, b).run();
}

} // namespace tailscope::analysis
