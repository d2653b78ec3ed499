// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanequery.h"
#include "items/timelinemodelsearch.h"
#include "widgets/flame/flamescene.h"

#include <memory>
#include <vector>

namespace tailscope::widgets {

/// The lanes of one track over time: the time-ordered flame chart. The axis counts nanoseconds from origin().
/// Only the rows asked for are queried; spans that do not pass the filter are left out.
class FlameTimeScene final : public FlameScene
{
public:
    FlameTimeScene(std::shared_ptr<const analysis::LanePyramid> pyramid, std::uint32_t track,
        std::shared_ptr<const analysis::SpanBitmap> filter);
    void setMatches(std::shared_ptr<const items::SpanMatches> matches) { m_matches = std::move(matches); }
    Nanos origin() const override { return m_origin; }
    std::uint32_t track() const { return m_track; }
    const analysis::SpanColumns &columns() const { return m_pyramid->columns(); }

    double extent() const override { return m_extent; }
    double smallestWindow() const override { return 10; }
    bool isTimeAxis() const override { return true; }
    void layOut(double low, double high, double width, int firstRow, int lastRow) override;
    int rowCount() const override { return int(m_rows.size()); }
    std::span<const FlameBox> row(int row) const override { return m_rows[std::size_t(row)].boxes; }
    std::uint32_t nameIndex(std::uint32_t id) const override { return columns().operation[id]; }
    std::string_view nameText(std::uint32_t nameIndex) const override;
    std::uint32_t groupIndex(std::uint32_t id) const override { return columns().track[id]; }
    std::string_view groupText(std::uint32_t groupIndex) const override;
    double heat(std::uint32_t id) const override;
    bool isMatch(std::uint32_t id) const override;
    std::pair<double, double> placeOf(std::uint32_t id) const override;
    int rowOf(std::uint32_t id) const override;
    FlameFigures figures(std::uint32_t id) const override;
    QStringList stack(std::uint32_t id) const override;
    std::vector<std::uint32_t> ancestors(std::uint32_t id) const override;

private:
    struct Row
    {
        std::vector<FlameBox> boxes;
        bool isFresh = false; ///< boxes are of the last layout's window
    };
    void query(int row);
    std::vector<std::uint32_t> parents(std::uint32_t id) const;

    std::shared_ptr<const analysis::LanePyramid> m_pyramid;
    std::uint32_t m_track;
    std::shared_ptr<const analysis::SpanBitmap> m_filter;
    std::shared_ptr<const items::SpanMatches> m_matches;
    std::size_t m_firstLane = 0;
    Nanos m_origin = 0;
    double m_extent = 1;
    double m_low = 0, m_high = 0, m_width = 0;
    std::vector<Row> m_rows;
    std::vector<analysis::LaneItem> m_items;
};

} // namespace tailscope::widgets
