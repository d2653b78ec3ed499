// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planicicle.h"

#include "analysis/planfacts.h"

#include <algorithm>

namespace tailscope::items {

void PlanIcicle::build(const analysis::PlanFacts &facts, Weight weight)
{
    const std::size_t n = facts.nodes.size();
    m_own.assign(n, 0);
    m_left.assign(n, 0);
    m_depth.assign(n, 0);
    m_parents.assign(n, -1);
    m_levels.clear();
    m_total = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const analysis::PlanFactsNode &node = facts.nodes[i];
        m_parents[i] = node.parent;
        m_own[i] = weight == Weight::Time ? std::max(0.0, node.selfMs.value_or(0))
                                          : double(node.selfHit.value_or(0) + node.selfRead.value_or(0));
    }
    m_value = m_own;
    for (std::size_t i = n; i-- > 0;) {
        if (m_parents[i] >= 0)
            m_value[std::size_t(m_parents[i])] += m_value[i];
        else
            m_total += m_value[i];
    }
    std::vector<double> used(n, 0); // by the children placed so far
    double roots = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (m_parents[i] >= 0) {
            const auto p = std::size_t(m_parents[i]);
            m_left[i] = m_left[p] + used[p];
            used[p] += m_value[i];
            m_depth[i] = m_depth[p] + 1;
        } else {
            m_left[i] = roots;
            roots += m_value[i];
        }
        if (std::size_t(m_depth[i]) >= m_levels.size())
            m_levels.resize(std::size_t(m_depth[i]) + 1);
        m_levels[std::size_t(m_depth[i])].push_back(int(i));
    }
}

std::pair<int, int> PlanIcicle::positionsBetween(int depth, double from, double to) const
{
    const std::vector<int> &nodes = level(depth);
    const auto first = std::partition_point(nodes.begin(), nodes.end(),
        [&](int node) { return left(node) + width(node) <= from; });
    const auto last = std::partition_point(first, nodes.end(), [&](int node) { return left(node) < to; });
    return {int(first - nodes.begin()), int(last - nodes.begin())};
}

int PlanIcicle::nodeAt(int depth, double share) const
{
    if (isEmpty() || depth < 0 || depth >= levels())
        return -1;
    const std::vector<int> &nodes = level(depth);
    const auto after
        = std::partition_point(nodes.begin(), nodes.end(), [&](int node) { return left(node) <= share; });
    for (auto at = after; at != nodes.begin();) {
        --at;
        // Nodes without a width share the left edge of the next one.
        if (width(*at) > 0)
            return share < left(*at) + width(*at) ? *at : -1;
    }
    return -1;
}

int PlanIcicle::widestChild(int node) const
{
    if (node < 0 || depth(node) + 1 >= levels())
        return -1;
    int best = -1;
    for (const int child : level(depth(node) + 1)) {
        if (parent(child) == node && (best < 0 || value(child) > value(best)))
            best = child;
    }
    return best;
}

int PlanIcicle::neighbour(int node, int direction) const
{
    if (node < 0)
        return node;
    const std::vector<int> &nodes = level(depth(node));
    auto at = std::lower_bound(nodes.begin(), nodes.end(), node);
    while (direction < 0 ? at != nodes.begin() : at + 1 != nodes.end()) {
        at += direction < 0 ? -1 : 1;
        if (value(*at) > 0)
            return *at;
    }
    return node;
}

} // namespace tailscope::items
