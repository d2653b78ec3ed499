// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodeltree.h"
#include "widgets/flame/flamescene.h"

#include <memory>
#include <vector>

namespace tailscope::widgets {

/// Boxes of a call tree. A layout visits only nodes that are at least one pixel wide inside the window, level
/// by level, so its cost is bounded by the pixels; narrower siblings (the tail: children are sorted by
/// weight) become one run, and runs that touch become one.
class FlameTreeScene : public FlameScene
{
public:
    /// rootName: what the root is called ("all").
    FlameTreeScene(std::shared_ptr<const items::FlameTree> tree, QString rootName);
    void setMatches(std::shared_ptr<const items::FlameMatches> matches) { m_matches = std::move(matches); }
    const items::FlameTree &tree() const { return *m_tree; }

    double extent() const override { return m_tree->total(); }
    double smallestWindow() const override { return m_tree->total() * 1e-12; }
    bool isTimeAxis() const override { return false; }
    void layOut(double low, double high, double width, int firstRow, int lastRow) override;
    int rowCount() const override { return int(m_rowEnds.size()); }
    std::span<const FlameBox> row(int row) const override;
    std::uint32_t nameIndex(std::uint32_t id) const override;
    std::string_view nameText(std::uint32_t nameIndex) const override;
    std::uint32_t groupIndex(std::uint32_t id) const override { return node(id).group; }
    std::string_view groupText(std::uint32_t groupIndex) const override;
    double heat(std::uint32_t id) const override;
    bool isMatch(std::uint32_t id) const override;
    std::pair<double, double> placeOf(std::uint32_t id) const override;
    int rowOf(std::uint32_t id) const override;
    FlameFigures figures(std::uint32_t id) const override;
    QStringList stack(std::uint32_t id) const override;
    std::vector<std::uint32_t> ancestors(std::uint32_t id) const override;

private:
    const analysis::CallTree::Node &node(std::uint32_t id) const { return m_tree->tree->nodes[id]; }
    void layOutChildren(std::uint32_t parent, double low, double scale, double width, std::size_t rowStart);

    std::shared_ptr<const items::FlameTree> m_tree;
    std::shared_ptr<const items::FlameMatches> m_matches;
    QString m_rootName;
    std::string m_rootText;
    std::uint32_t m_rootIndex; ///< name index of the root: one past the names
    std::vector<FlameBox> m_boxes; ///< all rows, one after the other
    std::vector<std::size_t> m_rowEnds;
};

} // namespace tailscope::widgets
