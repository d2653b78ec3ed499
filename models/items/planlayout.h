// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>

#include <utility>
#include <vector>

namespace tailscope::items {

/// Places of the boxes of a plan drawn as a tree: the root at the top, children below their parent from left
/// to right in the plan's order, subtrees pushed together until their outlines touch (a tidy tree). Iterative
/// and O(n): a plan may have 5,000 levels. Pure.
class PlanLayout
{
public:
    struct Size
    {
        double width = 210, height = 108, gapX = 18, gapY = 34;
    };

    /// parents: index of each node's parent, before it; -1 = root. folded: nodes whose subtree is not drawn.
    void build(const std::vector<int> &parents, const std::vector<bool> &folded, const Size &size);
    void build(const std::vector<int> &parents, const std::vector<bool> &folded)
    {
        build(parents, folded, Size());
    }

    const Size &size() const { return m_size; }
    int count() const { return int(m_x.size()); }
    bool isShown(int node) const { return m_depth[std::size_t(node)] >= 0; }
    QRectF box(int node) const; ///< null when not shown
    QRectF bounds() const { return m_bounds; }
    int parent(int node) const { return m_parents[std::size_t(node)]; }
    const std::vector<int> &children(int node) const
    {
        return m_children[std::size_t(node)];
    } ///< all of them
    int depth(int node) const { return m_depth[std::size_t(node)]; }
    int levels() const { return int(m_levels.size()); }
    /// Shown nodes of one level, from left to right.
    const std::vector<int> &level(int depth) const { return m_levels[std::size_t(depth)]; }
    /// First and one past the last level that a strip of the picture touches.
    std::pair<int, int> levelsBetween(double top, double bottom) const;
    /// First and one past the last position in level() whose boxes touch the strip.
    std::pair<int, int> positionsBetween(int depth, double left, double right) const;
    int nodeAt(const QPointF &place) const; ///< -1 = none
    /// Next shown node on the same level; the node itself when there is none.
    int neighbour(int node, int direction) const;

private:
    void place(const std::vector<bool> &hidden);

    Size m_size;
    std::vector<int> m_parents, m_depth; ///< depth -1 = not shown
    std::vector<std::vector<int>> m_children, m_levels;
    std::vector<double> m_x; ///< left edge
    QRectF m_bounds;
};

} // namespace tailscope::items
