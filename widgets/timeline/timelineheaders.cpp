// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelineheaders.h"

#include "base/text.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace tailscope::widgets {

namespace {

using Kind = items::TimelineRow::Kind;

constexpr int kIndent = 14;
constexpr int kArrow = 16;
constexpr int kPin = 18;

} // namespace

QString TimelineHeaders::titleOf(const items::TimelineRow &row)
{
    QString title = row.title;
    if (title.isEmpty())
        title = row.isSeriesHeader ? tr("Counters") : tr("(no name)");
    if ((row.kind == Kind::Group || row.kind == Kind::Source) && row.count > 0)
        title += QStringLiteral(" (%1)").arg(QString::fromStdString(groupedCount(row.count)));
    return title;
}

QRect TimelineHeaders::arrowRect(const items::TimelineRow &row, const QRect &area)
{
    return {area.left() + 2 + row.indent * kIndent, area.top(), kArrow, std::min(area.height(), 24)};
}

QRect TimelineHeaders::pinRect(const QRect &area)
{
    return {area.right() - kPin, area.top(), kPin, std::min(area.height(), 24)};
}

bool TimelineHeaders::canPin(const items::TimelineRow &row)
{
    return row.kind == Kind::Track || row.kind == Kind::Series || row.kind == Kind::Density;
}

TimelineHeaders::Part TimelineHeaders::partAt(const TimelineFrame &frame, TimelineRowRef ref, int x, int dy)
{
    const items::TimelineRow &row = frame.row(ref);
    const QRect area(0, 0, frame.headerWidth, frame.layout.heightOf(ref));
    if (row.isCollapsible && arrowRect(row, area).contains(x, dy))
        return Part::Arrow;
    if (canPin(row) && pinRect(area).contains(x, dy))
        return Part::Pin;
    const bool hasMore = row.kind == Kind::Track && !row.isCollapsed && row.shownLanes < row.laneCount;
    if (hasMore && dy >= area.height() - frame.layout.metrics().more)
        return Part::MoreLanes;
    return Part::Title;
}

void TimelineHeaders::paintArrow(QPainter &painter, const QRect &area, bool collapsed) const
{
    const QPointF c = QRectF(area).center();
    QPolygonF shape;
    if (collapsed)
        shape << c + QPointF(-2.5, -4) << c + QPointF(2.5, 0) << c + QPointF(-2.5, 4);
    else
        shape << c + QPointF(-4, -2.5) << c + QPointF(4, -2.5) << c + QPointF(0, 2.5);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.mutedText());
    painter.drawPolygon(shape);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelineHeaders::paintPin(QPainter &painter, const QRect &area, bool pinned) const
{
    const QPointF c = QRectF(area).center();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = pinned ? m_theme.selectionBorder() : m_theme.mutedText();
    painter.setPen(QPen(color, 1.4));
    painter.setBrush(pinned ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(QRectF(c.x() - 3, c.y() - 6, 6, 6), 1, 1);
    painter.drawLine(c + QPointF(-4.5, 0.5), c + QPointF(4.5, 0.5));
    painter.drawLine(c + QPointF(0, 0.5), c + QPointF(0, 6));
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelineHeaders::paintRow(QPainter &painter, const TimelineFrame &frame, TimelineRowRef ref,
    bool isHovered) const
{
    const items::TimelineRow &row = frame.row(ref);
    const QRect area(0, frame.yOf(ref), frame.headerWidth, frame.layout.heightOf(ref));
    const bool isHeader = row.kind == Kind::Group || row.kind == Kind::Source;
    painter.setClipRect(frame.clipOf(ref).intersected(QRect(0, 0, frame.headerWidth, frame.height)));
    painter.fillRect(area, isHeader || ref.index % 2 != 0 ? m_theme.alternate() : m_theme.background());
    if (isHovered)
        painter.fillRect(area, m_theme.hover());
    if (row.isCollapsible)
        paintArrow(painter, arrowRect(row, area), row.isCollapsed);
    const bool showsPin = canPin(row) && (row.isPinned || isHovered);
    if (showsPin)
        paintPin(painter, pinRect(area), row.isPinned);
    QFont font = painter.font();
    const QFont plain = font;
    font.setBold(isHeader);
    painter.setFont(font);
    const QFontMetrics metrics = painter.fontMetrics();
    const int left = arrowRect(row, area).right() + 2;
    QRect text(left, area.top(), area.right() - left - (showsPin ? kPin : 4), std::min(area.height(), 24));
    // A tall track keeps its title in sight while it scrolls by.
    const QRect clip = frame.clipOf(ref);
    if (text.top() < clip.top() && area.bottom() - text.height() > clip.top())
        text.moveTop(clip.top());
    painter.setPen(m_theme.text());
    painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        metrics.elidedText(titleOf(row), Qt::ElideMiddle, text.width()));
    painter.setFont(plain);
    if (!row.subtitle.isEmpty()) {
        const QRect second(left, area.top() + 22, area.right() - left - 4, painter.fontMetrics().height());
        painter.setPen(m_theme.mutedText());
        painter.drawText(second, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            painter.fontMetrics().elidedText(row.subtitle, Qt::ElideMiddle, second.width()));
    }
    if (row.kind == Kind::Track && !row.isCollapsed && row.shownLanes < row.laneCount) {
        const QRect more(left, area.bottom() + 1 - frame.layout.metrics().more, area.right() - left,
            frame.layout.metrics().more);
        painter.setPen(m_theme.info());
        const QString label
            = tr("%1 more lanes").arg(QString::fromStdString(groupedCount(row.laneCount - row.shownLanes)));
        painter.drawText(more, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            painter.fontMetrics().elidedText(label, Qt::ElideRight, more.width()));
    }
    painter.setPen(m_theme.grid());
    painter.drawLine(area.bottomLeft(), area.bottomRight());
}

void TimelineHeaders::paint(QPainter &painter, const TimelineFrame &frame,
    std::optional<TimelineRowRef> hovered, std::optional<TimelineRowRef> focused, bool hasFocus) const
{
    painter.save();
    painter.fillRect(QRect(0, frame.layout.top(), frame.headerWidth, frame.height - frame.layout.top()),
        m_theme.background());
    for (const TimelineRowRef ref : frame.visibleRows())
        paintRow(painter, frame, ref, hovered == ref);
    if (focused
        && focused->index
            < (focused->isPinned ? frame.model->rows().pinned : frame.model->rows().rows).size()) {
        const QRect area(0, frame.yOf(*focused), frame.headerWidth, frame.layout.heightOf(*focused));
        painter.setClipRect(frame.clipOf(*focused));
        painter.setPen(QPen(hasFocus ? m_theme.selectionBorder() : m_theme.mutedText(), hasFocus ? 2 : 1));
        painter.drawRect(area.adjusted(1, 1, -2, -2));
    }
    painter.setClipping(false);
    painter.setPen(m_theme.grid());
    painter.drawLine(frame.headerWidth - 1, 0, frame.headerWidth - 1, frame.height);
    if (frame.layout.pinnedHeight() > 0) {
        painter.setPen(QPen(m_theme.axis(), 1));
        painter.drawLine(0, frame.layout.scrollTop() - 1, frame.headerWidth + frame.paneWidth,
            frame.layout.scrollTop() - 1);
    }
    painter.restore();
}

} // namespace tailscope::widgets
