// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinearrows.h"

#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr double kFar = 4000; // pixels beyond the pane: farther ends would only make the rasteriser slow
constexpr double kHead = 5;

QPointF within(QPointF point, const QRect &pane)
{
    return {std::clamp(point.x(), pane.left() - kFar, pane.right() + kFar),
        std::clamp(point.y(), pane.top() - kFar, pane.bottom() + kFar)};
}

bool misses(const QPointF &a, const QPointF &b, const QRect &pane)
{
    return std::max(a.x(), b.x()) < pane.left() || std::min(a.x(), b.x()) > pane.right()
        || std::max(a.y(), b.y()) < pane.top() || std::min(a.y(), b.y()) > pane.bottom();
}

} // namespace

void paintArrows(QPainter &painter, const std::vector<TimelineArrow> &arrows, const QRect &pane,
    const Theme &theme)
{
    if (arrows.empty())
        return;
    painter.save();
    painter.setClipRect(pane);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const TimelineArrow &arrow : arrows) {
        const QPointF from = within(arrow.from, pane);
        const QPointF to = within(arrow.to, pane);
        if (misses(from, to, pane))
            continue;
        const double reach = std::max(12.0, std::abs(to.x() - from.x()) / 3);
        QPainterPath curve(from);
        curve.cubicTo(from + QPointF(reach, 0), to - QPointF(reach, 0), to);
        painter.setBrush(Qt::NoBrush);
        // A rim in the background's colour keeps the line apart from the bars it crosses.
        painter.setPen(QPen(theme.background(), arrow.isLink ? 4 : 3));
        painter.drawPath(curve);
        painter.setPen(QPen(theme.text(), arrow.isLink ? 2 : 1));
        painter.drawPath(curve);
        painter.setBrush(theme.text());
        painter.drawPolygon(
            QPolygonF({to, to + QPointF(-kHead, -kHead * 0.6), to + QPointF(-kHead, kHead * 0.6)}));
    }
    painter.restore();
}

} // namespace tailscope::widgets
