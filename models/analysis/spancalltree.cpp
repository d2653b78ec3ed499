// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreebuilder.h"
#include "analysis/rowscan.h"
#include "analysis/spanrelation.h"

namespace tailscope::analysis {

namespace {

constexpr std::uint32_t kUnseen = kNoRow;
constexpr std::uint32_t kOnPath = kNoRow - 1; // guards against parents that form a cycle

class SpanTree
{
public:
    SpanTree(const SpanColumns &columns, const SpanSelection &selection, const CancelToken &cancel)
        : m_columns(columns)
        , m_cancel(cancel)
        , m_selected(columns.size())
        , m_nodeOf(columns.size(), kUnseen)
        , m_nameOf(columns.operations.size(), kNoRow)
    {
        for (const TrackInfo &track : columns.tracks)
            m_groupOf.push_back(m_builder.group(track.service));
        const RowScan scan(columns, selection);
        for (int part = 0; part < scan.parts(); ++part) {
            scan.forEachBlock(part, cancel, [&](const std::uint32_t *rows, std::size_t n) {
                for (std::size_t i = 0; i < n; ++i)
                    m_selected.set(rows[i]);
            });
        }
    }

    std::shared_ptr<const CallTree> run()
    {
        const std::vector<std::uint64_t> &words = m_selected.words();
        for (std::size_t w = 0; w < words.size(); ++w) {
            if (w % 1024 == 0 && m_cancel.isCancelled())
                return nullptr;
            for (std::uint64_t word = words[w]; word != 0; word &= word - 1)
                resolve(std::uint32_t(w * 64) + std::uint32_t(std::countr_zero(word)));
        }
        return m_builder.finish(CallTreeBuilder::Totals::Measured);
    }

private:
    // Node below which the children of the row hang; ancestors first, without recursion.
    void resolve(std::uint32_t row)
    {
        if (m_nodeOf[row] != kUnseen)
            return;
        m_path.clear();
        std::uint32_t node = 0;
        for (;;) {
            m_nodeOf[row] = kOnPath;
            m_path.push_back(row);
            const std::uint32_t parent = m_columns.parent[row];
            if (parent >= m_columns.size() || m_nodeOf[parent] == kOnPath || isAsync(parent, row))
                break;
            if (m_nodeOf[parent] != kUnseen) {
                node = m_nodeOf[parent];
                break;
            }
            row = parent;
        }
        while (!m_path.empty()) {
            row = m_path.back();
            m_path.pop_back();
            if (m_selected.test(row))
                node = add(row, node);
            m_nodeOf[row] = node;
        }
    }

    bool isAsync(std::uint32_t parent, std::uint32_t child) const
    {
        return isAsyncChild({SpanKind(m_columns.kind[parent]), m_columns.start[parent],
                                m_columns.duration[parent]},
            {SpanKind(m_columns.kind[child]), m_columns.start[child], m_columns.duration[child]});
    }

    std::uint32_t add(std::uint32_t row, std::uint32_t parentNode)
    {
        const std::uint32_t operation = m_columns.operation[row];
        std::uint32_t &name = m_nameOf[operation];
        if (name == kNoRow)
            name = m_builder.name(m_columns.operations[operation]);
        const std::uint32_t node = m_builder.child(parentNode, name, m_groupOf[m_columns.track[row]]);
        CallTree::Node &entry = m_builder.tree().nodes[node];
        const Nanos duration = m_columns.duration[row];
        if (m_columns.self[row] > 0)
            entry.self += double(m_columns.self[row]);
        // A path that found no room lies inside its parent, whose total already holds it.
        if (node == parentNode)
            return node;
        ++entry.count;
        if (duration > 0)
            entry.total += double(duration);
        if (entry.exampleRow == kNoRow || duration > m_columns.duration[entry.exampleRow])
            entry.exampleRow = row;
        return node;
    }

    const SpanColumns &m_columns;
    const CancelToken &m_cancel;
    CallTreeBuilder m_builder;
    SpanBitmap m_selected;
    std::vector<std::uint32_t> m_nodeOf, m_nameOf, m_groupOf, m_path;
};

} // namespace

Result<std::shared_ptr<const CallTree>> spanCallTree(const SpanColumns &columns,
    const SpanSelection &selection, const CancelToken &cancel)
{
    std::shared_ptr<const CallTree> tree = SpanTree(columns, selection, cancel).run();
    if (!tree || cancel.isCancelled())
        return fail(ErrorCode::Cancelled, "call tree", "the computation was cancelled",
            "Open the view again.");
    return tree;
}

} // namespace tailscope::analysis
