// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/plantime.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// Values of a row of nodes of which ranges can be scaled: only positive values shrink. O(log n) an
/// operation.
class ShareTree
{
public:
    explicit ShareTree(const std::vector<double> &values);

    double value(std::size_t index) const;
    void add(std::size_t index, double delta);
    /// Sum of the positive values in [begin, end).
    double positiveSum(std::size_t begin, std::size_t end) const;
    void scalePositive(std::size_t begin, std::size_t end, double factor);
    void scalePositive(std::size_t index, double factor) { scalePositive(index, index + 1, factor); }

private:
    struct Range
    {
        std::size_t node, begin, end; ///< of the tree; leaves it covers
    };
    void apply(std::size_t node, double factor);
    void push(std::size_t node);

    std::size_t m_leaves = 1;
    std::vector<double> m_sum; ///< positive part of each range; of a leaf: its value
    std::vector<double> m_factor; ///< not yet applied below
};

/// The shape of a plan that self figures need, whatever the figure is: parents, subtrees, which plan defines
/// a CTE, who uses the value of an InitPlan. Pure; one object serves times and buffers.
class PlanShape
{
public:
    explicit PlanShape(const std::vector<PlanTimeNode> &nodes);

    int parentOf(std::size_t node) const { return m_parents[node]; }
    bool isInitPlan(std::size_t node) const { return m_initPlans[node]; }

    /// Self figures from inclusive ones (rules 3 to 5 of the reference on plans): children are subtracted, a
    /// CTE is shared by its scans, an InitPlan is charged to the node that evaluated it. May be below 0 by
    /// rounding.
    std::vector<double> selfOf(const std::vector<double> &inclusive) const
    {
        return selfOf(inclusive, nullptr);
    }
    /// The same, and how wrong they may be: *doubts, in: of the inclusive figures; out: of the self figures,
    /// own doubt plus that of all that was subtracted.
    std::vector<double> selfOf(const std::vector<double> &inclusive, std::vector<double> *doubts) const;

private:
    struct InitPlan
    {
        std::size_t node, owner;
        std::vector<int> users; ///< executed nodes of the owner's subtree that mention its value, ascending
    };

    void findParents();
    void findScans();
    void findUsers();
    void collectUses(std::size_t node, std::string_view expression,
        std::unordered_map<std::string, std::vector<int>> &uses) const;
    /// What is doubtful about a charged InitPlan reaches those that it was taken from: nodes of `added`, or
    /// the owner's subtree by its borders in `ranges` (a running sum gives each node's).
    struct Doubts
    {
        std::vector<double> added, ranges;
    };
    void chargeInitPlan(const InitPlan &initPlan, double cost, double doubt, ShareTree &self,
        Doubts &doubts) const;

    const std::vector<PlanTimeNode> &m_nodes;
    std::vector<int> m_parents;
    std::vector<std::size_t> m_ends; ///< one past the last node of the subtree
    std::vector<bool> m_initPlans, m_ctes;
    std::vector<int> m_definitions; ///< of a CTE Scan: the node that defines its CTE; -1
    std::vector<InitPlan> m_charged;
};

} // namespace tailscope::analysis
