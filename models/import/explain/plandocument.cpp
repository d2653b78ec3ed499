// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/plandocument.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tailscope::import::explain {

namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

void multiply(std::optional<double> &perLoop, const std::optional<double> &loops)
{
    if (!perLoop)
        return;
    if (!loops) {
        perLoop.reset();
        return;
    }
    perLoop = *perLoop * *loops;
    if (!std::isfinite(*perLoop))
        perLoop.reset();
}

} // namespace

std::string_view TextArena::keep(std::string_view text)
{
    if (text.empty())
        return {};
    if (text.size() > m_left) {
        const std::size_t bytes = std::max(kBlockBytes, text.size());
        m_blocks.push_back(std::make_unique<char[]>(bytes));
        m_free = m_blocks.back().get();
        m_left = bytes;
    }
    std::memcpy(m_free, text.data(), text.size());
    const std::string_view kept(m_free, text.size());
    m_free += text.size();
    m_left -= text.size();
    return kept;
}

void JsonMembers::text(std::string_view key, std::string_view value)
{
    m_text += m_text.empty() ? '{' : ',';
    appendJsonQuoted(m_text, key);
    m_text += ':';
    appendJsonQuoted(m_text, value);
}

void JsonMembers::json(std::string_view key, std::string_view value)
{
    m_text += m_text.empty() ? '{' : ',';
    appendJsonQuoted(m_text, key);
    m_text += ':';
    m_text += value;
}

bool JsonMembers::has(std::string_view key) const
{
    std::string quoted = jsonQuoted(key);
    quoted += ':';
    // A value may hold the same text only with its quotes escaped.
    const std::size_t at = m_text.find(quoted);
    return at != std::string::npos && at > 0 && (m_text[at - 1] == ',' || m_text[at - 1] == '{');
}

void finishPlan(ParsedPlan &plan)
{
    std::vector<std::int32_t> children(plan.nodes.size(), 0);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        PlanNodeRow &row = plan.nodes[i].row;
        row.id = static_cast<std::int32_t>(i);
        if (row.parent >= 0) {
            const auto parent = static_cast<std::size_t>(row.parent);
            row.depth = plan.nodes[parent].row.depth + 1;
            row.position = children[parent]++;
        }
    }
    for (PlanNode &node : plan.nodes) {
        PlanNodeRow &row = node.row;
        multiply(row.actualRows, row.loops);
        multiply(row.rowsRemovedByFilter, row.loops);
        multiply(row.rowsRemovedByJoinFilter, row.loops);
        multiply(row.rowsRemovedByIndexRecheck, row.loops);
        for (PlanWorker &worker : node.workers) {
            worker.row.nodeId = row.id;
            multiply(worker.row.rows, worker.row.loops);
        }
    }
    // auto_explain prints no execution time: the duration of its log line is the execution.
    if (std::isnan(plan.executionMs))
        plan.executionMs = plan.durationMs;
}

} // namespace tailscope::import::explain
