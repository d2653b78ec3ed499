// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flametreescene.h"

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr double kNarrowest = 1.0;
/// Runs closer than this are one run.
constexpr double kTouching = 0.75;

QString toQString(const std::string &text) { return QString::fromStdString(text); }

} // namespace

FlameTreeScene::FlameTreeScene(std::shared_ptr<const items::FlameTree> tree, QString rootName)
    : m_tree(std::move(tree))
    , m_rootName(std::move(rootName))
    , m_rootText(m_rootName.toStdString())
    , m_rootIndex(std::uint32_t(m_tree->tree->names.size()))
{}

void FlameTreeScene::layOut(double low, double high, double width, int, int)
{
    m_boxes.clear();
    m_rowEnds.clear();
    if (!(high > low) || !(width > 0))
        return;
    const double scale = width / (high - low);
    const double rootLeft = std::max(0.0, -low * scale);
    const double rootRight = std::min(width, (extent() - low) * scale);
    m_boxes.push_back({float(rootLeft), float(std::max(0.0, rootRight - rootLeft)), 0, 0});
    m_rowEnds.push_back(1);
    std::size_t rowBegin = 0;
    while (rowBegin < m_boxes.size()) {
        const std::size_t rowEnd = m_boxes.size();
        for (std::size_t i = rowBegin; i < rowEnd; ++i) {
            if (m_boxes[i].folded == 0)
                layOutChildren(m_boxes[i].id, low, scale, width, rowEnd);
        }
        // Runs that stayed below a pixel say nothing; their parents' space is left empty.
        m_boxes.erase(std::remove_if(m_boxes.begin() + std::ptrdiff_t(rowEnd), m_boxes.end(),
                          [](const FlameBox &box) { return box.folded > 0 && box.w < kNarrowest; }),
            m_boxes.end());
        if (m_boxes.size() == rowEnd)
            break;
        m_rowEnds.push_back(m_boxes.size());
        rowBegin = rowEnd;
    }
}

void FlameTreeScene::layOutChildren(std::uint32_t parent, double low, double scale, double width,
    std::size_t rowStart)
{
    const auto &nodes = m_tree->tree->nodes;
    std::uint32_t index = 0;
    for (std::uint32_t child = nodes[parent].firstChild; child != 0;
         child = nodes[child].nextSibling, ++index) {
        const double left = (m_tree->left[child] - low) * scale;
        const double size = m_tree->width[child] * scale;
        if (left >= width)
            return;
        if (left + size <= 0)
            continue;
        if (size >= kNarrowest) {
            const double from = std::max(0.0, left);
            m_boxes.push_back({float(from), float(std::min(width, left + size) - from), child, 0});
            continue;
        }
        // From here on every sibling is narrower still: one run up to the end of the last child.
        const std::uint32_t folded = m_tree->childCount[parent] - index;
        const double end = (m_tree->childEnd[parent] - low) * scale;
        const double from = std::max(0.0, left);
        const double to = std::min(width, end);
        if (to <= from)
            return;
        FlameBox *before = m_boxes.size() > rowStart ? &m_boxes.back() : nullptr;
        if (before && before->folded > 0 && from - double(before->x + before->w) < kTouching) {
            before->w = float(to) - before->x;
            before->folded += folded;
        } else {
            m_boxes.push_back({float(from), float(to - from), child, folded});
        }
        return;
    }
}

std::span<const FlameBox> FlameTreeScene::row(int index) const
{
    const std::size_t begin = index > 0 ? m_rowEnds[std::size_t(index) - 1] : 0;
    return std::span(m_boxes).subspan(begin, m_rowEnds[std::size_t(index)] - begin);
}

std::uint32_t FlameTreeScene::nameIndex(std::uint32_t id) const
{
    return id == 0 ? m_rootIndex : node(id).name;
}

std::string_view FlameTreeScene::nameText(std::uint32_t index) const
{
    return index < m_rootIndex ? std::string_view(m_tree->tree->names[index]) : std::string_view(m_rootText);
}

std::string_view FlameTreeScene::groupText(std::uint32_t index) const
{
    return index < m_tree->tree->groups.size() ? std::string_view(m_tree->tree->groups[index])
                                               : std::string_view();
}

double FlameTreeScene::heat(std::uint32_t id) const
{
    // The root of the share spreads the many small values apart.
    const double self = node(id).self;
    return self > 0 && m_tree->maxSelf > 0 ? std::sqrt(std::min(1.0, self / m_tree->maxSelf)) : 0;
}

bool FlameTreeScene::isMatch(std::uint32_t id) const
{
    return m_matches && id != 0 && node(id).name < m_matches->names.size()
        && m_matches->names[node(id).name] != 0;
}

std::pair<double, double> FlameTreeScene::placeOf(std::uint32_t id) const
{
    return {m_tree->left[id], m_tree->left[id] + m_tree->width[id]};
}

int FlameTreeScene::rowOf(std::uint32_t id) const
{
    int row = 0;
    for (std::uint32_t at = id; at != 0; at = node(at).parent)
        ++row;
    return row;
}

FlameFigures FlameTreeScene::figures(std::uint32_t id) const
{
    const analysis::CallTree &tree = *m_tree->tree;
    const auto &frame = tree.nodes[id];
    FlameFigures figures;
    const std::string_view name = nameText(nameIndex(id));
    figures.name = QString::fromUtf8(name.data(), qsizetype(name.size()));
    const std::string_view group = groupText(frame.group);
    figures.group = QString::fromUtf8(group.data(), qsizetype(group.size()));
    figures.unit = toQString(tree.unit);
    figures.total = id == 0 ? m_tree->total() : frame.total;
    figures.self = frame.self;
    figures.isSelfKnown = m_tree->hasSelf;
    figures.count = frame.count;
    figures.depth = rowOf(id);
    figures.exampleRow = frame.exampleRow;
    if (m_tree->total() > 0)
        figures.shareOfAll = figures.total / m_tree->total();
    const double above = frame.parent == 0 ? m_tree->total() : tree.nodes[frame.parent].total;
    if (id != 0 && above > 0)
        figures.shareOfParent = figures.total / above;
    return figures;
}

QStringList FlameTreeScene::stack(std::uint32_t id) const
{
    QStringList names;
    for (const std::string &name : items::pathOf(*m_tree->tree, id))
        names << toQString(name);
    return names;
}

std::vector<std::uint32_t> FlameTreeScene::ancestors(std::uint32_t id) const
{
    std::vector<std::uint32_t> path;
    for (std::uint32_t at = id; at != 0; at = node(at).parent)
        path.push_back(at);
    path.push_back(0);
    std::reverse(path.begin(), path.end());
    return path;
}

} // namespace tailscope::widgets
