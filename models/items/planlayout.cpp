// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planlayout.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

/// The outline of a placed subtree, the deepest level first, so that a parent is put on with push_back. All
/// values are relative to `offset`, so that moving a subtree costs nothing.
struct Outline
{
    std::vector<double> left, right;
    double offset = 0;

    std::size_t height() const { return left.size(); }
    double leftAt(std::size_t fromTop) const { return left[left.size() - 1 - fromTop] + offset; }
    double rightAt(std::size_t fromTop) const { return right[right.size() - 1 - fromTop] + offset; }
};

/// How far `next` must move to the right to stand clear of what is placed.
double clearance(const Outline &placed, const Outline &next, double gap)
{
    double shift = -std::numeric_limits<double>::infinity();
    const std::size_t common = std::min(placed.height(), next.height());
    for (std::size_t i = 0; i < common; ++i)
        shift = std::max(shift, placed.rightAt(i) + gap - next.leftAt(i));
    return shift;
}

/// Joins the outline of the next subtree to what is placed: only the levels both have are touched, so that
/// all joins of a tree together cost O(n).
void join(Outline &placed, Outline &next)
{
    if (placed.height() >= next.height()) {
        for (std::size_t i = 0; i < next.height(); ++i)
            placed.right[placed.height() - 1 - i] = next.rightAt(i) - placed.offset;
        return;
    }
    for (std::size_t i = 0; i < placed.height(); ++i)
        next.left[next.height() - 1 - i] = placed.leftAt(i) - next.offset;
    std::swap(placed, next);
}

} // namespace

void PlanLayout::build(const std::vector<int> &parents, const std::vector<bool> &folded, const Size &size)
{
    m_size = size;
    const std::size_t n = parents.size();
    m_parents = parents;
    m_children.assign(n, {});
    m_depth.assign(n, -1);
    m_levels.clear();
    m_x.assign(n, 0);
    m_bounds = {};
    std::vector<bool> hidden(n, false);
    for (std::size_t i = 0; i < n; ++i) {
        const int parent = parents[i];
        if (parent >= 0) {
            const auto p = std::size_t(parent);
            m_children[p].push_back(int(i));
            hidden[i] = hidden[p] || (p < folded.size() && folded[p]);
        }
        if (hidden[i])
            continue;
        m_depth[i] = parent < 0 ? 0 : m_depth[std::size_t(parent)] + 1;
        if (std::size_t(m_depth[i]) >= m_levels.size())
            m_levels.resize(std::size_t(m_depth[i]) + 1);
        m_levels[std::size_t(m_depth[i])].push_back(int(i));
    }
    if (n > 0)
        place(hidden);
}

void PlanLayout::place(const std::vector<bool> &hidden)
{
    const std::size_t n = m_parents.size();
    std::vector<Outline> outlines(n);
    std::vector<double> shift(n, 0); // of a subtree in its parent's frame
    // Children stand behind their parent: from the back every subtree is complete when its root comes.
    for (std::size_t i = n; i-- > 0;) {
        if (hidden[i])
            continue;
        Outline outline;
        double x = 0;
        bool isLeaf = true;
        double first = 0, last = 0;
        for (const int child : m_children[i]) {
            const auto c = std::size_t(child);
            if (hidden[c])
                continue;
            Outline &next = outlines[c];
            if (isLeaf) {
                outline = std::move(next);
                first = last = m_x[c];
                isLeaf = false;
                continue;
            }
            shift[c] = clearance(outline, next, m_size.gapX);
            next.offset += shift[c];
            last = m_x[c] + shift[c];
            join(outline, next);
        }
        if (!isLeaf)
            x = (first + last) / 2;
        m_x[i] = x;
        outline.left.push_back(x - outline.offset);
        outline.right.push_back(x + m_size.width - outline.offset);
        outlines[i] = std::move(outline);
    }
    // Several roots: side by side.
    Outline forest;
    std::vector<double> frame(n, 0);
    double left = std::numeric_limits<double>::infinity(), right = -left;
    for (std::size_t i = 0; i < n; ++i) {
        if (hidden[i])
            continue;
        if (m_parents[i] >= 0) {
            frame[i] = frame[std::size_t(m_parents[i])] + shift[i];
        } else if (forest.height() == 0) {
            forest = std::move(outlines[i]);
        } else {
            frame[i] = clearance(forest, outlines[i], m_size.gapX);
            outlines[i].offset += frame[i];
            join(forest, outlines[i]);
        }
        m_x[i] += frame[i];
        left = std::min(left, m_x[i]);
        right = std::max(right, m_x[i] + m_size.width);
    }
    for (double &x : m_x)
        x -= left;
    const double height = double(m_levels.size()) * (m_size.height + m_size.gapY) - m_size.gapY;
    m_bounds = QRectF(0, 0, right - left, height);
}

QRectF PlanLayout::box(int node) const
{
    if (node < 0 || node >= count() || !isShown(node))
        return {};
    return {m_x[std::size_t(node)], m_depth[std::size_t(node)] * (m_size.height + m_size.gapY), m_size.width,
        m_size.height};
}

std::pair<int, int> PlanLayout::levelsBetween(double top, double bottom) const
{
    const double step = m_size.height + m_size.gapY;
    const int first = int(std::clamp(std::floor(top / step), 0.0, double(levels())));
    const int last = int(std::clamp(std::floor(bottom / step) + 1, 0.0, double(levels())));
    return {first, std::max(first, last)};
}

std::pair<int, int> PlanLayout::positionsBetween(int depth, double left, double right) const
{
    const std::vector<int> &nodes = level(depth);
    const auto first = std::partition_point(nodes.begin(), nodes.end(),
        [&](int node) { return m_x[std::size_t(node)] + m_size.width < left; });
    const auto last
        = std::partition_point(first, nodes.end(), [&](int node) { return m_x[std::size_t(node)] <= right; });
    return {int(first - nodes.begin()), int(last - nodes.begin())};
}

int PlanLayout::nodeAt(const QPointF &place) const
{
    const auto [top, bottom] = levelsBetween(place.y(), place.y());
    for (int depth = top; depth < bottom; ++depth) {
        const auto [first, last] = positionsBetween(depth, place.x(), place.x());
        for (int i = first; i < last; ++i) {
            if (box(level(depth)[std::size_t(i)]).contains(place))
                return level(depth)[std::size_t(i)];
        }
    }
    return -1;
}

int PlanLayout::neighbour(int node, int direction) const
{
    if (node < 0 || !isShown(node))
        return node;
    const std::vector<int> &nodes = level(depth(node));
    // Levels are in the plan's order, which is ascending.
    const auto at = std::lower_bound(nodes.begin(), nodes.end(), node);
    if (direction < 0)
        return at == nodes.begin() ? node : *(at - 1);
    return at + 1 == nodes.end() ? node : *(at + 1);
}

} // namespace tailscope::items
