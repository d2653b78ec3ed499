// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Hit test, mouse and wheel of the timeline.
#include "widgets/timeline/timelinecanvas.h"

#include "widgets/timeline/timelinedetails.h"
#include "widgets/timeline/timelineseries.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

/// One notch of a mouse wheel, in eighths of a degree.
constexpr double kNotch = 120;
constexpr double kZoomStep = 1.25;
constexpr int kEdge = 4;

} // namespace

bool TimelineCanvas::isHeaderEdge(const QPoint &position) const
{
    return std::abs(position.x() - m_frame.headerWidth) < kEdge;
}

analysis::LaneItem TimelineCanvas::itemAt(TimelineRowRef ref, std::uint32_t lane, int x)
{
    analysis::LaneItem none{0, 0, analysis::kNoRow, 0, 0};
    const items::TimelineRow &row = m_frame.row(ref);
    if (!m_frame.columns || !m_tiles.pyramid() || m_frame.window.isEmpty())
        return none;
    // The same tile as was painted, so that what is under the pointer is what one sees.
    const int level = TimelineTiles::levelFor(m_frame.nanosPerPixel());
    const Nanos t = saturatingSub(m_frame.scale().toTime(x), row.shift);
    const auto slack = Nanos(2 * m_frame.nanosPerPixel());
    const auto [first, last]
        = TimelineTiles::tilesOf({saturatingSub(t, slack), saturatingAdd(t, slack)}, level);
    const bool emphasised = m_tiles.hasEmphasis() && m_lanePainter.filterDisplay() == FilterDisplay::Hide;
    Nanos nearest = saturatingAdd(slack, 1);
    for (std::int64_t tile = first; tile <= last; ++tile) {
        for (const analysis::LaneItem &item : m_tiles.items(row.firstLane + lane, level, tile, emphasised)) {
            const Nanos gap = t < item.begin ? saturatingSub(item.begin, t)
                : t >= item.end              ? saturatingSub(t, item.end)
                                             : -1;
            if (gap < nearest) {
                nearest = gap;
                none = item;
            }
        }
    }
    return none;
}

TimelineHit TimelineCanvas::hitTest(const QPoint &position)
{
    ensureFrame();
    TimelineHit hit;
    if (!rect().contains(position) || position.x() >= m_frame.headerWidth + m_frame.paneWidth)
        return hit;
    hit.time = m_frame.scale().toTime(std::max(position.x(), m_frame.headerWidth));
    if (position.y() < m_frame.layout.top()) {
        if (position.x() < m_frame.headerWidth)
            return hit;
        hit.marker = markerAt(m_markers, markerRect(), position);
        hit.area = hit.marker >= 0 ? TimelineHit::Area::Marker : TimelineHit::Area::Ruler;
        return hit;
    }
    hit.row = m_frame.layout.rowAt(position.y(), m_frame.scroll);
    if (!hit.row)
        return hit;
    const items::TimelineRow &row = m_frame.row(*hit.row);
    const int dy = position.y() - m_frame.yOf(*hit.row);
    if (position.x() < m_frame.headerWidth) {
        hit.area = TimelineHit::Area::Header;
        hit.part = TimelineHeaders::partAt(m_frame, *hit.row, position.x(), dy);
        return hit;
    }
    hit.area
        = row.kind == items::TimelineRow::Kind::Series ? TimelineHit::Area::Series : TimelineHit::Area::Row;
    if (row.kind == items::TimelineRow::Kind::Track) {
        hit.lane = m_frame.layout.laneAt(*hit.row, dy);
        if (hit.lane) {
            hit.area = TimelineHit::Area::Lane;
            hit.item = itemAt(*hit.row, *hit.lane, position.x());
        }
    }
    return hit;
}

void TimelineCanvas::setHover(const TimelineHit &hit)
{
    const bool headerChanged
        = (m_hover.area == TimelineHit::Area::Header || hit.area == TimelineHit::Area::Header)
        && (m_hover.area != hit.area || m_hover.row != hit.row);
    m_hover = hit;
    if (headerChanged)
        refreshContent();
    update();
    Q_EMIT hoverChanged();
}

bool TimelineCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text = toolTipAt(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

QString TimelineCanvas::toolTipAt(const QPoint &position)
{
    const TimelineHit hit = hitTest(position);
    switch (hit.area) {
    case TimelineHit::Area::Marker: {
        const QList<session::Marker> markers = m_session->markers();
        return hit.marker < int(markers.size()) ? markerToolTip(markers[hit.marker], *m_context) : QString();
    }
    case TimelineHit::Area::Header:
        if (hit.part == TimelineHeaders::Part::Pin)
            return m_frame.row(*hit.row).isPinned ? tr("Unpin") : tr("Pin to the top");
        return rowToolTip(m_frame.row(*hit.row), *m_model);
    case TimelineHit::Area::Lane:
        if (hit.item.row == analysis::kNoRow)
            return {};
        return hit.item.count > 1
            ? foldedToolTip(*m_frame.columns, hit.item)
            : spanToolTip(*m_frame.columns, hit.item.row, *m_context, m_frame.row(*hit.row).shift);
    case TimelineHit::Area::Ruler:
        return tr(
            "Drag to select a range of time. M sets a bookmark, N writes a note, [ and ] go to the marker "
            "before and after.");
    default:
        return {};
    }
}

void TimelineCanvas::mousePressEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    ensureFrame();
    m_drag = {Gesture::Press, position, m_frame.window, m_frame.scroll,
        m_frame.scale().toTime(std::max(position.x(), m_frame.headerWidth))};
    if (event->button() == Qt::LeftButton && isHeaderEdge(position)) {
        m_drag.gesture = Gesture::Header;
        return;
    }
    const TimelineHit hit = hitTest(position);
    const bool selects = hit.area == TimelineHit::Area::Ruler || hit.area == TimelineHit::Area::Marker
        || (event->modifiers() & Qt::ShiftModifier);
    if (event->button() == Qt::LeftButton && selects && position.x() >= m_frame.headerWidth)
        m_drag.gesture = Gesture::Range;
    else if (hit.area == TimelineHit::Area::Header)
        m_drag.gesture = Gesture::None;
    if (hit.area == TimelineHit::Area::Header && event->button() == Qt::LeftButton)
        pressHeader(hit);
}

void TimelineCanvas::pressHeader(const TimelineHit &hit)
{
    const items::TimelineRow row = m_frame.row(*hit.row);
    setFocusedHeader(hit.row);
    switch (hit.part) {
    case TimelineHeaders::Part::Arrow:
        toggleRow(*hit.row);
        break;
    case TimelineHeaders::Part::Pin:
        m_model->setPinned(row.key, !row.isPinned);
        break;
    case TimelineHeaders::Part::MoreLanes:
        m_model->setAllLanes(row.key, true);
        break;
    case TimelineHeaders::Part::Title:
        if (row.kind == items::TimelineRow::Kind::Series)
            Q_EMIT seriesClicked(row.seriesId);
        break;
    }
}

void TimelineCanvas::toggleRow(TimelineRowRef ref)
{
    const items::TimelineRow row = m_frame.row(ref);
    if (row.isCollapsible)
        m_model->setCollapsed(row.key, !row.isCollapsed);
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    m_pointer = position;
    if (m_drag.gesture != Gesture::None) {
        dragTo(position);
        update();
        return;
    }
    if (isHeaderEdge(position))
        setCursor(Qt::SplitHCursor);
    else
        unsetCursor();
    setHover(hitTest(position));
}

void TimelineCanvas::dragTo(const QPoint &position)
{
    const QPoint way = position - m_drag.start;
    if (m_drag.gesture == Gesture::Press && way.manhattanLength() >= QApplication::startDragDistance()) {
        m_drag.gesture = Gesture::Pan;
        setCursor(Qt::ClosedHandCursor);
    }
    if (m_drag.gesture == Gesture::Header) {
        setHeaderWidth(position.x());
    } else if (m_drag.gesture == Gesture::Pan) {
        setWindow(panned(m_drag.window, -double(way.x()) / m_frame.paneWidth, limits()), false);
        setScrollPosition(m_drag.scroll - way.y());
    } else if (m_drag.gesture == Gesture::Range
        && (m_dragRange || way.manhattanLength() >= QApplication::startDragDistance())) {
        const int x = std::clamp(position.x(), m_frame.headerWidth, m_frame.headerWidth + m_frame.paneWidth);
        const Nanos to = m_frame.scale().toTime(x);
        m_dragRange = TimeRange{std::min(m_drag.from, to),
            std::max(saturatingAdd(std::min(m_drag.from, to), 1), std::max(m_drag.from, to))};
        Q_EMIT hoverChanged();
    }
}

void TimelineCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    const Gesture gesture = std::exchange(m_drag.gesture, Gesture::None);
    unsetCursor();
    if (m_dragRange) {
        const TimeRange range = *m_dragRange;
        m_dragRange.reset();
        update();
        Q_EMIT rangeSelected(range);
        return;
    }
    if (event->button() == Qt::LeftButton && (gesture == Gesture::Press || gesture == Gesture::Range))
        clickAt(event->position().toPoint());
}

void TimelineCanvas::clickAt(const QPoint &position)
{
    const TimelineHit hit = hitTest(position);
    if (hit.area == TimelineHit::Area::Marker) {
        Q_EMIT markerClicked(hit.marker);
    } else if (hit.area == TimelineHit::Area::Ruler) {
        Q_EMIT rangeSelected({});
    } else if (hit.area == TimelineHit::Area::Lane && hit.item.row != analysis::kNoRow) {
        setFocusedHeader(std::nullopt);
        setSelectedRow(hit.item.row, false);
        Q_EMIT spanSelected(hit.item.row);
    } else if (hit.area == TimelineHit::Area::Series) {
        setFocusedHeader(hit.row);
        Q_EMIT seriesClicked(m_frame.row(*hit.row).seriesId);
    }
}

void TimelineCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const TimelineHit hit = hitTest(event->position().toPoint());
    m_drag.gesture = Gesture::None;
    if (hit.area == TimelineHit::Area::Lane && hit.item.row != analysis::kNoRow) {
        if (hit.item.count > 1) {
            const Nanos shift = m_frame.row(*hit.row).shift;
            fit({saturatingAdd(hit.item.begin, shift), saturatingAdd(hit.item.end, shift)});
        } else {
            zoomToSpan(hit.item.row);
        }
    } else if (hit.area == TimelineHit::Area::Ruler) {
        fitSelection();
    } else if (hit.row && hit.part == TimelineHeaders::Part::Title) {
        toggleRow(*hit.row);
    }
}

void TimelineCanvas::wheelEvent(QWheelEvent *event)
{
    ensureFrame();
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        const Nanos anchor
            = m_frame.scale().toTime(std::max(event->position().x(), double(m_frame.headerWidth)));
        setWindow(zoomed(m_frame.window, anchor, std::pow(kZoomStep, -angle.y() / kNotch), limits()), false);
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        const int way = angle.x() != 0 ? angle.x() : angle.y();
        setWindow(panned(m_frame.window, -0.1 * way / kNotch, limits()), false);
    } else {
        const int lines = QApplication::wheelScrollLines();
        setScrollPosition(
            m_frame.scroll - int(std::lround(angle.y() / kNotch * lines * m_frame.layout.metrics().lane)));
    }
    event->accept();
}

void TimelineCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Keyboard) {
        Q_EMIT menuRequested(mapToGlobal(focusPoint()));
        return;
    }
    m_pointer = event->pos();
    const TimelineHit hit = hitTest(event->pos());
    setHover(hit);
    if (hit.area == TimelineHit::Area::Lane && hit.item.row != analysis::kNoRow
        && hit.item.row != m_selected) {
        setSelectedRow(hit.item.row, false);
        Q_EMIT spanSelected(hit.item.row);
    }
    if (hit.row && hit.area == TimelineHit::Area::Header)
        setFocusedHeader(hit.row);
    Q_EMIT menuRequested(event->globalPos());
}

void TimelineCanvas::leaveEvent(QEvent *)
{
    m_pointer.reset();
    setHover({});
}

} // namespace tailscope::widgets
