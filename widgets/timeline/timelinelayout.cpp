// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinelayout.h"

#include <algorithm>

namespace tailscope::widgets {

namespace {

using Kind = items::TimelineRow::Kind;

/// Rows past this many pixels are not reachable; no screen scrolls that far.
constexpr int kMaxContent = 1 << 30;

} // namespace

TimelineLayout::Place TimelineLayout::measure(const items::TimelineRow &row) const
{
    Place place;
    switch (row.kind) {
    case Kind::Source:
        place.height = m_metrics.header;
        break;
    case Kind::Group:
        place.height = row.isCollapsed && !row.members.empty() ? m_metrics.density : m_metrics.header;
        break;
    case Kind::Track:
        place.lanes = row.shownLanes;
        place.height = 2 * m_metrics.padding + int(row.shownLanes) * m_metrics.lane;
        if (!row.isCollapsed && row.shownLanes < row.laneCount)
            place.height += m_metrics.more;
        break;
    case Kind::Density:
        place.height = m_metrics.density;
        break;
    case Kind::Series:
        place.height = m_metrics.series;
        break;
    }
    return place;
}

void TimelineLayout::build(const items::TimelineRows &rows, const TimelineMetrics &metrics, int top,
    int height)
{
    m_metrics = metrics;
    m_top = top;
    m_height = std::max(0, height);
    const auto stack = [this](const std::vector<items::TimelineRow> &source, std::vector<Place> &places) {
        places.clear();
        places.reserve(source.size());
        int y = 0;
        for (const items::TimelineRow &row : source) {
            Place place = measure(row);
            place.y = y;
            y = std::min(kMaxContent, y + place.height);
            places.push_back(place);
        }
        return y;
    };
    m_pinnedHeight = std::min(stack(rows.pinned, m_pinned), m_height * 45 / 100);
    stack(rows.rows, m_rows);
}

std::pair<std::size_t, std::size_t> TimelineLayout::visible(int scroll) const
{
    const auto first = std::upper_bound(m_rows.begin(), m_rows.end(), scroll,
        [](int y, const Place &place) { return y < place.y + place.height; });
    const auto last = std::lower_bound(first, m_rows.end(), scroll + scrollHeight(),
        [](const Place &place, int y) { return place.y < y; });
    return {std::size_t(first - m_rows.begin()), std::size_t(last - m_rows.begin())};
}

int TimelineLayout::yOf(TimelineRowRef row, int scroll) const
{
    return row.isPinned ? m_top + place(row).y : scrollTop() + place(row).y - scroll;
}

std::optional<TimelineRowRef> TimelineLayout::rowAt(int y, int scroll) const
{
    if (y < m_top || y >= m_top + m_height)
        return std::nullopt;
    const bool isPinned = y < scrollTop();
    const std::vector<Place> &places = isPinned ? m_pinned : m_rows;
    const int inside = isPinned ? y - m_top : y - scrollTop() + scroll;
    const auto found = std::upper_bound(places.begin(), places.end(), inside,
        [](int value, const Place &place) { return value < place.y + place.height; });
    if (found == places.end())
        return std::nullopt;
    return TimelineRowRef{isPinned, std::size_t(found - places.begin())};
}

std::optional<std::uint32_t> TimelineLayout::laneAt(TimelineRowRef row, int dy) const
{
    const int inside = dy - m_metrics.padding;
    if (inside < 0)
        return std::nullopt;
    const auto lane = std::uint32_t(inside / m_metrics.lane);
    return lane < place(row).lanes ? std::optional(lane) : std::nullopt;
}

int TimelineLayout::scrollShowing(TimelineRowRef row, int dy, int height, int scroll) const
{
    if (row.isPinned)
        return scroll;
    const int begin = place(row).y + dy;
    const int least = std::max(0, begin + height - scrollHeight());
    return std::clamp(std::clamp(scroll, std::min(least, begin), std::max(least, begin)), 0, maxScroll());
}

} // namespace tailscope::widgets
