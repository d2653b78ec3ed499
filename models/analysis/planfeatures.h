// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plantree.h"
#include "analysis/planwords.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Nodes that do a job of one kind, in whatever way.
enum class PlanJob {
    Scan, ///< reads a relation, CTE, function...
    Join,
    Sort,
    Group, ///< aggregates and removal of duplicates
    Gather,
    Cache, ///< Materialize, Memoize
    Append,
    Modify,
    Other, ///< told apart by the node type
};
PlanJob planJob(const PlanTree::Node &node);

/// What every node of a plan means, as hashes that are equal for equal meanings; no figures and no constants.
/// 0 = the node has no such meaning.
struct PlanFeatures
{
    struct Node
    {
        PlanJob job = PlanJob::Other;
        std::uint64_t type = 0; ///< node type with its variant and join type
        std::uint64_t kind = 0; ///< the job; of other nodes the type
        std::uint64_t target = 0; ///< relation (or CTE, function) with its alias; scans only
        std::uint64_t relation = 0; ///< without the alias
        std::uint64_t index = 0;
        std::uint64_t columns = 0; ///< of all its conditions and keys
        std::uint64_t meaning = 0; ///< of all its conditions and keys
        std::uint64_t scope = 0; ///< the subquery it belongs to, by name
        std::uint64_t looseScope = 0; ///< the same without numbers
        std::uint64_t below = 0; ///< set of relations and aliases that it and its inputs read
        std::uint64_t belowLoose = 0; ///< without aliases
        std::uint64_t subtree = 0; ///< everything of it and below
        std::uint64_t path = 0; ///< jobs and sets of relations above, without helpers such as Gather or Sort
        int level = 0; ///< nodes of its kind above it over the same relations
        int end = 0; ///< index behind its last descendant
        bool isSubquery = false; ///< root of a SubPlan, InitPlan or CTE: no input of its parent
        bool isHelper = false; ///< changes order, place or copies of rows, never the rows
    };
    std::vector<Node> nodes;
    std::vector<ConditionWords> words; ///< of conditions, filters and keys together
};
PlanFeatures planFeatures(const PlanTree &tree);

/// Tree of node types, relations and indexes as 16 hexadecimal digits: equal for plans that differ only in
/// figures, constants and conditions. Empty for a plan without nodes.
std::string planShape(const PlanTree &tree);

} // namespace tailscope::analysis
