// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/timelinemodelrows.h"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace tailscope::widgets {

/// Heights in logical pixels.
struct TimelineMetrics
{
    int lane = 18, header = 24, density = 32, series = 56, padding = 3, more = 18;
};

/// One row of the model: in the part that stays on top or in the part that scrolls.
struct TimelineRowRef
{
    bool isPinned = false;
    std::size_t index = 0;
    friend bool operator==(const TimelineRowRef &, const TimelineRowRef &) = default;
};

/// Rows to pixels. Positions of the scrolling part are found by binary search, so thousands of tracks cost
/// nothing. Holds no pointers into the model.
class TimelineLayout
{
public:
    /// The pinned part takes at most 45 % of the height for rows.
    void build(const items::TimelineRows &rows, const TimelineMetrics &metrics, int top, int height);

    const TimelineMetrics &metrics() const { return m_metrics; }
    int top() const { return m_top; } ///< first pixel of rows
    int pinnedHeight() const { return m_pinnedHeight; }
    int scrollTop() const { return m_top + m_pinnedHeight; }
    int scrollHeight() const { return m_height - m_pinnedHeight; }
    int contentHeight() const { return m_rows.empty() ? 0 : m_rows.back().y + m_rows.back().height; }
    int maxScroll() const { return contentHeight() > scrollHeight() ? contentHeight() - scrollHeight() : 0; }

    /// Indexes [first, second) of the scrolling rows that are at least partly seen.
    std::pair<std::size_t, std::size_t> visible(int scroll) const;
    std::size_t pinnedCount() const { return m_pinned.size(); }
    /// Upper edge in the widget; may lie outside.
    int yOf(TimelineRowRef row, int scroll) const;
    int heightOf(TimelineRowRef row) const { return place(row).height; }
    std::optional<TimelineRowRef> rowAt(int y, int scroll) const;
    /// Upper edge of a lane of a track row, from the edge of the row.
    int laneOffset(std::uint32_t lane) const { return m_metrics.padding + int(lane) * m_metrics.lane; }
    /// Lane of a track row at dy below its upper edge; nullopt on the padding and on the "more lanes" line.
    std::optional<std::uint32_t> laneAt(TimelineRowRef row, int dy) const;
    /// The scroll position nearest to the present one that shows [dy, dy + height) of a row.
    int scrollShowing(TimelineRowRef row, int dy, int height, int scroll) const;

private:
    struct Place
    {
        int y = 0, height = 0;
        std::uint32_t lanes = 0;
    };
    const Place &place(TimelineRowRef row) const { return (row.isPinned ? m_pinned : m_rows)[row.index]; }
    Place measure(const items::TimelineRow &row) const;

    TimelineMetrics m_metrics;
    std::vector<Place> m_pinned, m_rows;
    int m_top = 0, m_height = 0, m_pinnedHeight = 0;
};

} // namespace tailscope::widgets
