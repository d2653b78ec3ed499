// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plantree.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// One thing in which two nodes of a pair differ.
struct NodeDifference
{
    enum class What {
        // shape: how the work is done
        NodeType,
        Relation,
        Index,
        Condition,
        Keys, ///< of a sort or an aggregate
        Inputs, ///< of a join: swapped
        // figures
        Workers,
        Spill,
        Executed, ///< one of the two never ran
        EstimatedRows, ///< per loop
        ActualRows, ///< per loop
        RemovedRows,
        Loops,
        SelfTime,
        Buffers, ///< own shared blocks
        Literals, ///< other constants: no change of the plan, but perhaps its cause
    } what
        = What::NodeType;
    std::string before, after; ///< as text
    bool isShape() const { return what <= What::Inputs; }
};
/// "node type", "index", "rows estimated", ...
std::string_view toText(NodeDifference::What what);

/// A node of plan A, a node of plan B, or both when they do the same job.
struct NodePair
{
    enum class Kind { Same, Changed, Added, Removed } kind = Kind::Same;
    int a = -1, b = -1; ///< indexes into the nodes; -1 = only in the other plan
    double similarity
        = 0; ///< 0..1; 1 = type, relation, alias, index, conditions and inputs alike; 0 for one alone
    std::vector<NodeDifference> differences;
    bool isShapeChanged() const;
};
std::string_view toText(NodePair::Kind kind); ///< "same", "changed", "added", "removed"

/// Two plans, node by node. Differences of figures are named when they matter: rows and loops from a factor
/// of 2, times from 1 % of the longer execution and a factor of 1.5, blocks from 100 and a factor of 2.
struct PlanDiff
{
    /// In the order of plan B, with what only A has where it was.
    std::vector<NodePair> pairs;
    bool isRelated = true; ///< false: they read nothing in common
    bool isSameStatement = true; ///< false: both statements are known and differ
    bool isSameShape = false;
    bool isEstimatesOnly = false; ///< at least one was not executed: times and blocks cannot be compared
    int same = 0, changed = 0, added = 0, removed = 0; ///< nodes
    /// A / B of the whole plan (above 1: B takes less); NaN = unknown.
    double timeFactor = PlanTree::kUnknown, buffersFactor = PlanTree::kUnknown,
           costFactor = PlanTree::kUnknown;
    std::string sentence; ///< what changed, most costly first; names causes, no figures
};
/// Pure; n log n; any thread. FX-07 of the formulas: cost is in the planner's units and never a time.
PlanDiff diffPlans(const PlanTree &a, const PlanTree &b);

/// "56,229 times faster", "1.50 times slower", "as fast (within 5 %)"; empty for NaN. `factor` is A / B.
std::string fasterText(double factor);
/// "1,758 times fewer buffers", "2.00 times more buffers".
std::string buffersText(double factor);
/// "2,451 times lower estimated cost (cost units, not time)".
std::string costText(double factor);
/// The three joined by ", " as far as they are known; says when there are only estimates.
std::string factorsText(const PlanDiff &diff);

} // namespace tailscope::analysis
