// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planfacts.h"

#include "analysis/plantimeshare.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::analysis {

namespace {

/// A node that reads its input to the end before it returns a row: what stands above cannot stop what is
/// below.
bool readsAllFirst(const PlanFactsNode &node)
{
    static constexpr std::array<std::string_view, 5> kTypes{"Sort", "Hash", "HashAggregate",
        "Bitmap Heap Scan", "ModifyTable"};
    if (std::find(kTypes.begin(), kTypes.end(), node.nodeType) != kTypes.end())
        return true;
    return node.nodeType == "Aggregate" && node.strategy != "Sorted";
}

/// The Limit was reached: it got as many rows a loop as it wanted. When it got fewer, its input came to its
/// end.
bool isLimitReached(const PlanFactsNode &limit)
{
    if (!limit.planRows || !limit.actualRows || !limit.loops || *limit.loops <= 0)
        return true;
    return *limit.actualRows / *limit.loops >= *limit.planRows;
}

/// TEXT has words of its own for what JSON tells in several properties.
std::string typeAsPrinted(const PlanFactsNode &node)
{
    std::string text = node.nodeType;
    if (text == "Aggregate") {
        text = (node.strategy == "Hashed"          ? "Hash"
                       : node.strategy == "Sorted" ? "Group"
                       : node.strategy == "Mixed"  ? "Mixed"
                                                   : "")
            + text;
        if (node.partialMode == "Partial" || node.partialMode == "Finalize")
            text = node.partialMode + ' ' + text;
    } else if (text == "ModifyTable" && !node.operation.empty()) {
        text = node.operation;
    }
    return node.isParallelAware && text.rfind("Parallel ", 0) != 0 ? "Parallel " + text : text;
}

bool isEarlyStop(const PlanFactsNode &join) { return join.joinType == "Semi" || join.joinType == "Anti"; }

/// What a parent does to the rows of a child; Comparable = it reads the child to its end.
RowsComparison ofChild(const PlanFactsNode &parent, const PlanFactsNode &child, RowsComparison above)
{
    if (child.parentRelationship == "InitPlan" || child.parentRelationship == "SubPlan")
        return RowsComparison::Comparable;
    if (parent.nodeType == "Limit")
        return isLimitReached(parent) ? RowsComparison::BelowLimit : RowsComparison::Comparable;
    if (readsAllFirst(parent))
        return RowsComparison::Comparable;
    const bool isInner = child.parentRelationship == "Inner";
    if (parent.nodeType == "Hash Join" && isInner)
        return RowsComparison::Comparable;
    if (parent.nodeType == "Nested Loop" && isInner && isEarlyStop(parent))
        return RowsComparison::InnerOfSemiJoin;
    // A merge ends with the shorter of its inputs.
    if (parent.nodeType == "Merge Join" && child.planRows && child.actualRows && child.loops
        && *child.loops > 0 && *child.actualRows / *child.loops < *child.planRows)
        return RowsComparison::StoppedMerge;
    return above == RowsComparison::BelowLimit || above == RowsComparison::InnerOfSemiJoin
            || above == RowsComparison::StoppedMerge
        ? above
        : RowsComparison::Comparable;
}

void compareRows(std::vector<PlanFactsNode> &nodes)
{
    std::vector<RowsComparison> fromAbove(nodes.size(), RowsComparison::Comparable);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        PlanFactsNode &node = nodes[i];
        if (node.parent >= 0) {
            const auto parent = static_cast<std::size_t>(node.parent);
            fromAbove[i] = ofChild(nodes[parent], node, fromAbove[parent]);
        }
        node.comparison = !node.planRows || !node.loops ? RowsComparison::NoFigures
            : *node.loops == 0                          ? RowsComparison::NeverExecuted
            : !node.actualRows                          ? RowsComparison::NoFigures
                                                        : fromAbove[i];
    }
}

std::vector<PlanTimeNode> shapeNodes(const std::vector<PlanFactsNode> &nodes)
{
    std::vector<PlanTimeNode> shape(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        PlanTimeNode &out = shape[i];
        const PlanFactsNode &in = nodes[i];
        out.parent = in.parent;
        out.nodeType = in.nodeType;
        out.parentRelationship = in.parentRelationship;
        out.subplanName = in.subplanName;
        out.cteName = in.nodeType == "CTE Scan" ? in.cteName : std::string();
        out.expressions = in.expressions;
        out.paramsEvaluated = in.paramsEvaluated;
        out.singleCopy = in.singleCopy;
        out.isCut = in.isCut;
        out.totalMsPerLoop = in.totalMs;
        out.loops = in.loops;
    }
    return shape;
}

template<typename T>
void setSelf(std::vector<PlanFactsNode> &nodes, const PlanShape &shape,
    std::optional<T> PlanFactsNode::*inclusive, std::optional<T> PlanFactsNode::*self)
{
    std::vector<double> values(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        values[i] = static_cast<double>((nodes[i].*inclusive).value_or(T{}));
    const std::vector<double> own = shape.selfOf(values);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!(nodes[i].*inclusive) || nodes[i].isCut)
            continue;
        const double value = std::max(0.0, own[i]);
        if constexpr (std::is_integral_v<T>)
            nodes[i].*self = std::llround(value);
        else
            nodes[i].*self = value;
    }
}

} // namespace

std::string_view comparisonReason(RowsComparison comparison)
{
    switch (comparison) {
    case RowsComparison::Comparable:
        return {};
    case RowsComparison::NoFigures:
        return "the plan does not tell both planned and actual rows";
    case RowsComparison::NeverExecuted:
        return "the node was never executed";
    case RowsComparison::BelowLimit:
        return "a Limit above had enough rows before the node came to its end";
    case RowsComparison::InnerOfSemiJoin:
        return "the inner side of a semi or anti join stops at the first match";
    case RowsComparison::StoppedMerge:
        return "the other input of the merge ended first";
    }
    return {};
}

std::string_view selfTimeDefinition()
{
    return "Self time: wall time without the children, along the slowest process where the plan tells each "
           "process "
           "(EXPLAIN VERBOSE), else the mean of the processes; a CTE is shared by its scans, an InitPlan is "
           "charged "
           "to its user.";
}

std::optional<double> PlanFactsNode::rowsFactor() const
{
    if (comparison != RowsComparison::Comparable || !planRows || !actualRows || !loops || *loops <= 0)
        return std::nullopt;
    return std::max(1.0, *actualRows / *loops) / std::max(1.0, *planRows);
}

std::optional<double> PlanFactsNode::removed() const
{
    std::optional<double> sum;
    for (const auto &part : {removedByFilter, removedByJoinFilter, removedByRecheck}) {
        if (part)
            sum = sum.value_or(0) + *part;
    }
    return sum;
}

std::optional<double> PlanFactsNode::removedShare() const
{
    const std::optional<double> gone = removed();
    if (!gone || !actualRows || *gone + *actualRows <= 0)
        return std::nullopt;
    return *gone / (*gone + *actualRows);
}

bool PlanFactsNode::isSpilled() const
{
    return sortDisk.value_or(0) == 1 || hashBatches.value_or(1) > 1 || diskKb.value_or(0) > 0
        || selfTempWritten.value_or(0) > 0;
}

std::string PlanFactsNode::title() const
{
    std::string text = typeAsPrinted(*this);
    if (!joinType.empty() && joinType != "Inner" && text.find(joinType) == std::string::npos) {
        const std::size_t at = text.rfind(" Join");
        // "Hash Semi Join", but "Nested Loop Semi Join".
        text = at != std::string::npos && at > 0 ? text.substr(0, at) + ' ' + joinType + text.substr(at)
                                                 : text + ' ' + joinType + " Join";
    }
    if (!indexName.empty())
        text += (nodeType == "Bitmap Index Scan" ? " on " : " using ") + indexName;
    if (!relation.empty())
        text += " on " + relation;
    if (!alias.empty() && alias != relation)
        text += ' ' + alias;
    return text;
}

std::optional<double> PlanFacts::wholeMs() const
{
    if (executionMs)
        return executionMs;
    if (durationMs)
        return durationMs;
    return nodes.empty() ? std::nullopt : nodes.front().wallMs;
}

int PlanFacts::hottest() const
{
    int best = -1;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].selfMs && (best < 0 || *nodes[i].selfMs > *nodes[static_cast<std::size_t>(best)].selfMs))
            best = static_cast<int>(i);
    }
    return best;
}

std::optional<double> PlanFacts::selfShare(const PlanFactsNode &node) const
{
    const std::optional<double> whole = wholeMs();
    if (!node.selfMs || !whole || *whole <= 0)
        return std::nullopt;
    return *node.selfMs / *whole;
}

void completePlanFacts(PlanFacts &facts)
{
    bool hasTemp = false;
    for (const PlanFactsNode &node : facts.nodes) {
        facts.hasTimes = facts.hasTimes || (node.selfMs && node.totalMs);
        facts.hasBuffers = facts.hasBuffers || node.sharedHit || node.sharedRead;
        facts.hasIoTimes = facts.hasIoTimes || node.ioReadMs;
        hasTemp = hasTemp || node.tempRead || node.tempWritten;
    }
    compareRows(facts.nodes);
    if (!hasTemp && !facts.hasIoTimes)
        return;
    const std::vector<PlanTimeNode> nodes = shapeNodes(facts.nodes);
    const PlanShape shape(nodes);
    setSelf(facts.nodes, shape, &PlanFactsNode::tempRead, &PlanFactsNode::selfTempRead);
    setSelf(facts.nodes, shape, &PlanFactsNode::tempWritten, &PlanFactsNode::selfTempWritten);
    setSelf(facts.nodes, shape, &PlanFactsNode::ioReadMs, &PlanFactsNode::selfIoReadMs);
}

} // namespace tailscope::analysis
