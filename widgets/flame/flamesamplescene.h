// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/samplelanes.h"
#include "widgets/flame/flamescene.h"

#include <QRegularExpression>

#include <memory>
#include <vector>

namespace tailscope::widgets {

/// Samples of a profile in order of time: a row for each depth of the stack, neighbouring samples with the
/// same stack as one box, gaps where there are no samples. The axis counts nanoseconds from origin().
class FlameSampleScene final : public FlameScene
{
public:
    explicit FlameSampleScene(std::shared_ptr<const analysis::SampleLanes> lanes);
    /// Marks boxes by name; an empty pattern marks none.
    void setSearch(const QRegularExpression &expression);
    qint64 matchCount() const { return m_matchCount; } ///< boxes
    /// The match that begins next after (or before) a box; wraps around; kNothing without matches.
    std::uint32_t nextMatch(std::uint32_t from, bool forward) const;
    const analysis::SampleLanes &lanes() const { return *m_lanes; }

    double extent() const override { return m_extent; }
    double smallestWindow() const override { return 10; }
    bool isTimeAxis() const override { return true; }
    Nanos origin() const override { return m_lanes->range.begin; }
    void layOut(double low, double high, double width, int firstRow, int lastRow) override;
    int rowCount() const override { return int(m_rows.size()); }
    std::span<const FlameBox> row(int row) const override { return m_rows[std::size_t(row)].boxes; }
    std::uint32_t nameIndex(std::uint32_t id) const override { return node(id).name; }
    std::string_view nameText(std::uint32_t nameIndex) const override;
    std::uint32_t groupIndex(std::uint32_t id) const override { return node(id).group; }
    std::string_view groupText(std::uint32_t groupIndex) const override;
    double heat(std::uint32_t id) const override;
    bool isMatch(std::uint32_t id) const override;
    std::pair<double, double> placeOf(std::uint32_t id) const override;
    int rowOf(std::uint32_t id) const override { return m_lanes->rowOf(id); }
    FlameFigures figures(std::uint32_t id) const override;
    QStringList stack(std::uint32_t id) const override;
    std::vector<std::uint32_t> ancestors(std::uint32_t id) const override;

private:
    struct Row
    {
        std::vector<FlameBox> boxes;
        bool isFresh = false; ///< boxes are of the last layout's window
    };
    const analysis::CallTree::Node &node(std::uint32_t box) const
    {
        return m_lanes->tree->nodes[m_lanes->node[box]];
    }
    void query(int row);

    std::shared_ptr<const analysis::SampleLanes> m_lanes;
    double m_extent = 1;
    double m_low = 0, m_high = 0, m_width = 0;
    std::vector<Row> m_rows;
    std::vector<analysis::LaneRun> m_runs;
    std::vector<std::uint8_t> m_matches; ///< by name
    qint64 m_matchCount = 0;
};

} // namespace tailscope::widgets
