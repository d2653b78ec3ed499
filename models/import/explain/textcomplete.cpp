// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textcomplete.h"

#include <algorithm>
#include <array>

namespace tailscope::import::explain {

namespace {

template<typename T>
void orZero(std::optional<T> &figure)
{
    if (!figure)
        figure = 0;
}

std::string_view relationship(std::string_view parentType, int ordinal, int siblings)
{
    if (parentType == "Append" || parentType == "Merge Append" || parentType == "BitmapAnd"
        || parentType == "BitmapOr")
        return "Member";
    if (parentType == "ModifyTable" && siblings > 1)
        return "Member";
    if (parentType == "Subquery Scan")
        return "Subquery";
    if (parentType == "Custom Scan")
        return siblings == 1 ? "child" : "children";
    return ordinal == 0 ? "Outer" : "Inner";
}

void setRelationships(ParsedPlan &plan)
{
    std::vector<int> siblings(plan.nodes.size(), 0);
    for (const PlanNode &node : plan.nodes) {
        if (node.row.parent >= 0 && node.row.parentRelationship.empty())
            ++siblings[static_cast<std::size_t>(node.row.parent)];
    }
    std::vector<int> ordinals(plan.nodes.size(), 0);
    for (PlanNode &node : plan.nodes) {
        if (node.row.parent < 0 || !node.row.parentRelationship.empty())
            continue;
        const auto parent = static_cast<std::size_t>(node.row.parent);
        node.row.parentRelationship
            = relationship(plan.nodes[parent].row.nodeType, ordinals[parent]++, siblings[parent]);
    }
}

void zeroUsage(PlanNodeRow &row, const TextEvidence &evidence)
{
    if (evidence.buffers) {
        for (auto member : {&PlanNodeRow::sharedHit, &PlanNodeRow::sharedRead, &PlanNodeRow::sharedDirtied,
                 &PlanNodeRow::sharedWritten, &PlanNodeRow::localHit, &PlanNodeRow::localRead,
                 &PlanNodeRow::localDirtied, &PlanNodeRow::localWritten, &PlanNodeRow::tempRead,
                 &PlanNodeRow::tempWritten})
            orZero(row.*member);
    }
    if (evidence.ioTimings) {
        orZero(row.ioReadMs);
        orZero(row.ioWriteMs);
    }
    if (evidence.wal)
        orZero(row.walBytes);
}

void zeroRemovedRows(PlanNode &node)
{
    PlanNodeRow &row = node.row;
    if (!row.filter.empty())
        orZero(row.rowsRemovedByFilter);
    if (node.extra.has("Join Filter"))
        orZero(row.rowsRemovedByJoinFilter);
    const bool rechecks = row.nodeType == "Index Scan" || row.nodeType == "Index Only Scan"
        || row.nodeType == "Bitmap Heap Scan";
    if (rechecks && !row.condition.empty())
        orZero(row.rowsRemovedByIndexRecheck);
}

} // namespace

void completeTextPlan(ParsedPlan &plan, const TextEvidence &evidence)
{
    setRelationships(plan);
    bool timed = false, removed = false;
    for (const PlanNode &node : plan.nodes) {
        timed = timed || node.row.totalMs;
        removed = removed || node.row.rowsRemovedByFilter || node.row.rowsRemovedByJoinFilter
            || node.row.rowsRemovedByIndexRecheck;
    }
    for (PlanNode &node : plan.nodes) {
        PlanNodeRow &row = node.row;
        if (!row.loops)
            continue;
        zeroUsage(row, evidence);
        if (!evidence.oldServer || removed)
            zeroRemovedRows(node);
        if (row.nodeType == "Bitmap Heap Scan"
            && (row.exactBlocks || row.lossyBlocks || !evidence.oldServer)) {
            orZero(row.exactBlocks);
            orZero(row.lossyBlocks);
        }
        if (timed && *row.loops == 0) {
            orZero(row.startupMs);
            orZero(row.totalMs);
        }
    }
}

} // namespace tailscope::import::explain
