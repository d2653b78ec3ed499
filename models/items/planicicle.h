// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>
#include <vector>

namespace tailscope::analysis {
struct PlanFacts;
}

namespace tailscope::items {

/// A plan as an icicle: a node is as wide as the self figures of its subtree, so children lie inside their
/// parent and what they leave uncovered is the node's own. Since self times charge an InitPlan to its user
/// and share a CTE among its scans (rules 4 and 5 of the reference on plans), no time is counted twice: the
/// InitPlan is as wide as it took, its user only as wide as it was itself. Iterative, O(n). Pure.
class PlanIcicle
{
public:
    enum class Weight { Time, Buffers };
    void build(const analysis::PlanFacts &facts, Weight weight);

    bool isEmpty() const { return !(m_total > 0); } ///< the plan does not tell the weight
    int count() const { return int(m_value.size()); }
    double total() const { return m_total; } ///< ms or blocks
    double value(int node) const { return m_value[std::size_t(node)]; } ///< of the subtree
    double own(int node) const { return m_own[std::size_t(node)]; }
    /// Left edge and width as shares of the whole, 0..1.
    double left(int node) const { return m_left[std::size_t(node)] / m_total; }
    double width(int node) const { return m_value[std::size_t(node)] / m_total; }
    int depth(int node) const { return m_depth[std::size_t(node)]; }
    int parent(int node) const { return m_parents[std::size_t(node)]; }
    int levels() const { return int(m_levels.size()); }
    const std::vector<int> &level(int depth) const { return m_levels[std::size_t(depth)]; }
    /// First and one past the last position in level() that touch the range of shares.
    std::pair<int, int> positionsBetween(int depth, double from, double to) const;
    int nodeAt(int depth, double share) const; ///< -1 = none
    /// First child with a width, or the widest.
    int widestChild(int node) const; ///< -1 = none
    int neighbour(int node, int direction) const; ///< on the same level; itself when there is none

private:
    std::vector<double> m_own, m_value, m_left;
    std::vector<int> m_parents, m_depth;
    std::vector<std::vector<int>> m_levels;
    double m_total = 0;
};

} // namespace tailscope::items
