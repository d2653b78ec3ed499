// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/passtimes.h"

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::import::explain {

namespace {

/// What the node that reads it does not count as its own time.
constexpr std::array<std::string_view, 6> kFillers{"Aggregate using temporary", "Materialize",
    "Temporary table", "Union materialize", "Intersect materialize", "Except materialize"};

bool fillsTable(const PlanNode &node)
{
    return std::any_of(kFillers.begin(), kFillers.end(),
        [&](std::string_view start) { return node.row.nodeType.starts_with(start); });
}

double wallOf(const PlanNode &node) { return node.row.totalMs.value_or(0) * node.row.loops.value_or(0); }

bool hasTime(const PlanNode &node) { return node.row.totalMs && node.row.loops; }

void keepPrinted(PlanNode &node)
{
    if (node.row.totalMs)
        node.extra.json("Actual Total Time Printed", std::to_string(*node.row.totalMs));
}

/// Total so that total * loops is at least `wall`.
void raiseTo(PlanNode &node, double wall)
{
    keepPrinted(node);
    node.row.totalMs = wall / std::max(1.0, node.row.loops.value_or(1));
    if (!node.row.loops)
        node.row.loops = 1;
}

} // namespace

void passTimes(ParsedPlan &plan)
{
    if (std::none_of(plan.nodes.begin(), plan.nodes.end(), hasTime))
        return;
    std::vector<double> below(plan.nodes.size(), 0), fillers(plan.nodes.size(), 0);
    std::vector<std::size_t> timedChildren(plan.nodes.size(), 0), lastChild(plan.nodes.size(), 0);
    // Children come after their parents.
    for (std::size_t i = plan.nodes.size(); i-- > 0;) {
        PlanNode &node = plan.nodes[i];
        const bool scan = node.row.nodeType == "Table scan" || node.row.nodeType == "Index lookup"
            || node.row.nodeType == "Index scan";
        if (!hasTime(node) && node.row.loops.value_or(1) != 0 && timedChildren[i] > 0) {
            const PlanNode &child = plan.nodes[lastChild[i]];
            if (timedChildren[i] == 1) {
                node.row.loops = child.row.loops;
                node.row.actualRows = node.row.actualRows ? node.row.actualRows : child.row.actualRows;
            } else {
                node.row.loops = 1;
            }
            const double loops = std::max(1.0, *node.row.loops);
            node.row.totalMs = below[i] / loops;
            node.extra.json("Time Of Children", "true");
        } else if (hasTime(node) && scan && fillers[i] > wallOf(node)) {
            raiseTo(node, wallOf(node) + fillers[i]);
        }
        if (node.row.parent < 0 || !hasTime(node))
            continue;
        const auto parent = static_cast<std::size_t>(node.row.parent);
        below[parent] += wallOf(node);
        ++timedChildren[parent];
        lastChild[parent] = i;
        if (fillsTable(node))
            fillers[parent] += wallOf(node);
    }
    // A subquery of the result's columns runs outside of the tree's root, but for the statement.
    PlanNode &root = plan.nodes.front();
    double outside = 0;
    for (const PlanNode &node : plan.nodes) {
        if (node.row.parent == 0 && node.row.parentRelationship == "SubPlan" && node.extra.has("outside"))
            outside += wallOf(node);
    }
    if (outside > 0 && hasTime(root))
        raiseTo(root, wallOf(root) + outside);
}

} // namespace tailscope::import::explain
