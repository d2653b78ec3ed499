// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/timeline/timelineframe.h"

#include <QCoreApplication>

#include <optional>

class QPainter;

namespace tailscope::widgets {

/// The column of row titles at the left: arrow of what opens and closes, title, pin.
class TimelineHeaders
{
    Q_DECLARE_TR_FUNCTIONS(TimelineHeaders)
public:
    enum class Part { Title, Arrow, Pin, MoreLanes };

    void setTheme(const Theme &theme) { m_theme = theme; }
    /// hovered: shows its pin; focused: is outlined.
    void paint(QPainter &painter, const TimelineFrame &frame, std::optional<TimelineRowRef> hovered,
        std::optional<TimelineRowRef> focused, bool hasFocus) const;
    /// Part of a row's header at x; y from the upper edge of the row.
    static Part partAt(const TimelineFrame &frame, TimelineRowRef ref, int x, int dy);
    /// Title as shown, with what the model leaves to the view.
    static QString titleOf(const items::TimelineRow &row);

private:
    static QRect arrowRect(const items::TimelineRow &row, const QRect &area);
    static QRect pinRect(const QRect &area);
    static bool canPin(const items::TimelineRow &row);
    void paintArrow(QPainter &painter, const QRect &area, bool collapsed) const;
    void paintPin(QPainter &painter, const QRect &area, bool pinned) const;
    void paintRow(QPainter &painter, const TimelineFrame &frame, TimelineRowRef ref, bool isHovered) const;

    Theme m_theme{QPalette()};
};

} // namespace tailscope::widgets
