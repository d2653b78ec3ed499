// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planparts.h"

#include <algorithm>

namespace tailscope::items {

namespace {

constexpr std::string_view kCtePrefix = "CTE ";
/// Of a subtree: enough to tell sub-selects apart.
constexpr std::size_t kMaxRelations = 50;

void add(std::vector<std::string> &list, const std::string &text)
{
    if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end())
        list.push_back(text);
}

/// One past the last node of the subtree; nodes are in pre-order.
std::size_t subtreeEnd(const analysis::PlanFacts &facts, std::size_t node)
{
    std::size_t end = node + 1;
    while (end < facts.nodes.size() && facts.nodes[end].depth > facts.nodes[node].depth)
        ++end;
    return end;
}

/// A join without a condition of its own has it as the index condition of its inner side.
void takeInnerConditions(const analysis::PlanFacts &facts, std::size_t join, advisor::QueryPartNode &out)
{
    const std::size_t end = subtreeEnd(facts, join);
    for (std::size_t i = join + 1; i < end; ++i) {
        const analysis::PlanFactsNode &node = facts.nodes[i];
        // "column = other.column": conditions that name another table join it.
        const bool isInner = node.parent == int(join) && node.parentRelationship == "Inner";
        if (!isInner && !(out.conditions.empty() && node.parent != int(join)))
            continue;
        if (node.condition.find('.') != std::string::npos && !node.alias.empty()) {
            out.conditions.push_back(node.condition);
            out.alias = node.alias;
            return;
        }
    }
}

} // namespace

advisor::QueryPartNode queryPartNode(const analysis::PlanFacts &facts, int index)
{
    const auto at = std::size_t(index);
    const analysis::PlanFactsNode &node = facts.nodes[at];
    advisor::QueryPartNode out;
    out.nodeType = node.nodeType;
    out.joinType = node.joinType;
    out.relation = node.relation;
    out.alias = node.alias;
    out.cteName = node.cteName;
    out.functionName = node.functionName;
    out.subplanName = node.subplanName;
    out.sortKeys = node.sortKeys;
    out.groupKeys = node.groupKeys;
    for (const std::string &condition : {node.condition, node.filter, node.joinFilter, node.oneTimeFilter})
        add(out.conditions, condition);
    if (node.nodeType == "Nested Loop" && node.joinFilter.empty())
        takeInnerConditions(facts, at, out);
    // The table of a bitmap's index is told by the heap scan above it.
    for (int above = node.parent; node.nodeType == "Bitmap Index Scan" && above >= 0;
         above = facts.nodes[std::size_t(above)].parent) {
        const analysis::PlanFactsNode &heap = facts.nodes[std::size_t(above)];
        if (heap.nodeType == "Bitmap Heap Scan") {
            out.relation = heap.relation;
            out.alias = heap.alias;
            break;
        }
    }
    const bool isCte = node.subplanName.rfind(kCtePrefix, 0) == 0;
    out.isSubplanRoot
        = !isCte && (node.parentRelationship == "InitPlan" || node.parentRelationship == "SubPlan");
    for (int above = index; above >= 0; above = facts.nodes[std::size_t(above)].parent) {
        const std::string &name = facts.nodes[std::size_t(above)].subplanName;
        if (name.rfind(kCtePrefix, 0) == 0)
            out.scopes.insert(out.scopes.begin(), name.substr(kCtePrefix.size()));
    }
    const std::size_t end = subtreeEnd(facts, at);
    for (std::size_t i = at; i < end && out.relations.size() < kMaxRelations; ++i)
        add(out.relations, facts.nodes[i].relation);
    return out;
}

} // namespace tailscope::items
