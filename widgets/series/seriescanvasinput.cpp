// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series/seriescanvas.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace tailscope::widgets {

void SeriesCanvas::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateScroll();
    tellWindow();
}

void SeriesCanvas::mousePressEvent(QMouseEvent *event)
{
    if (const int lane = laneAt(event->pos()); lane >= 0)
        setCurrentLane(lane);
    setCursorTime(scale().toTime(event->pos().x()));
    if (event->button() == Qt::LeftButton)
        m_anchor = m_cursor;
}

void SeriesCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const Nanos t = scale().toTime(event->pos().x());
    if (m_anchor && (event->buttons() & Qt::LeftButton))
        m_dragEnd = t;
    if (const int lane = laneAt(event->pos()); lane >= 0 && !m_dragEnd)
        m_lane = lane;
    setCursorTime(t);
}

void SeriesCanvas::mouseReleaseEvent(QMouseEvent *)
{
    const auto from = m_anchor, to = m_dragEnd;
    m_anchor.reset();
    m_dragEnd.reset();
    viewport()->update();
    if (from && to && std::abs(scale().toX(*from) - scale().toX(*to)) >= 4)
        m_session->context()->setRange(TimeRange{std::min(*from, *to), std::max(*from, *to) + 1});
}

void SeriesCanvas::mouseDoubleClickEvent(QMouseEvent *)
{
    m_isOwnWindow = false;
    m_session->context()->setRange(std::nullopt);
    follow();
}

void SeriesCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    QPoint at = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard)
        at = viewport()->mapToGlobal(laneRect(m_lane).center());
    Q_EMIT menuRequested(at);
}

void SeriesCanvas::wheelEvent(QWheelEvent *event)
{
    if (!(event->modifiers() & Qt::ControlModifier)) {
        QAbstractScrollArea::wheelEvent(event);
        return;
    }
    setCursorTime(scale().toTime(event->position().x()));
    zoomBy(event->angleDelta().y() > 0 ? 0.8 : 1.25);
    event->accept();
}

void SeriesCanvas::leaveEvent(QEvent *event) { QAbstractScrollArea::leaveEvent(event); }

bool SeriesCanvas::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

// From sample to sample of the current lane, as they are drawn.
void SeriesCanvas::stepPoint(int direction)
{
    if (m_lane >= m_model->lanes().size() || m_model->lanes()[m_lane].curves.isEmpty())
        return;
    const auto &points = m_model->lanes()[m_lane].curves.first().points;
    if (points.empty())
        return;
    const Nanos from = m_cursor.value_or(direction > 0 ? m_window.begin - 1 : m_window.end);
    const auto less = [](const analysis::DecimatedPoint &point, Nanos t) { return point.ts < t; };
    auto at = std::lower_bound(points.begin(), points.end(), direction > 0 ? from + 1 : from, less);
    if (direction < 0) {
        if (at == points.begin())
            return;
        --at;
    }
    if (at == points.end())
        return;
    setCursorTime(at->ts);
    if (!m_window.contains(at->ts))
        setWindow({at->ts - m_window.length() / 2, at->ts + m_window.length() / 2});
    announceValue(this, readout());
}

void SeriesCanvas::keyPressEvent(QKeyEvent *event)
{
    const auto &lanes = m_model->lanes();
    switch (event->key()) {
    case Qt::Key_Up:
        setCurrentLane(m_lane - 1);
        return;
    case Qt::Key_Down:
        setCurrentLane(m_lane + 1);
        return;
    case Qt::Key_Left:
        stepPoint(-1);
        return;
    case Qt::Key_Right:
        stepPoint(1);
        return;
    case Qt::Key_Home:
    case Qt::Key_End:
        m_cursor.reset();
        stepPoint(event->key() == Qt::Key_Home ? 1 : -1);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(0.8);
        return;
    case Qt::Key_Minus:
        zoomBy(1.25);
        return;
    case Qt::Key_P:
        if (m_lane < lanes.size())
            Q_EMIT pinToggled(m_lane);
        return;
    case Qt::Key_M:
        if (m_cursor)
            Q_EMIT movedRequested(*m_cursor);
        return;
    case Qt::Key_Escape:
        m_isOwnWindow = false;
        m_session->context()->setRange(std::nullopt);
        follow();
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

} // namespace tailscope::widgets
