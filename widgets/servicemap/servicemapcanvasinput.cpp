// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, wheel and keyboard of the service map.
#include "widgets/servicemap/servicemapcanvas.h"

#include "items/serviceedgetable.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr double kNotch = 120, kZoomStep = 1.2;
constexpr double kKeyPan = 60;
constexpr double kReach = 5; // pixels beside a line that still mean it

double distance(const QPointF &p, const QPointF &a, const QPointF &b)
{
    const QPointF way = b - a;
    const double length = QPointF::dotProduct(way, way);
    const double t = length > 0 ? std::clamp(QPointF::dotProduct(p - a, way) / length, 0.0, 1.0) : 0;
    const QPointF off = p - (a + way * t);
    return std::hypot(off.x(), off.y());
}

} // namespace

ServiceMapCanvas::Item ServiceMapCanvas::itemAt(const QPointF &position) const
{
    Item found;
    if (!m_map)
        return found;
    for (int node = 0; node < int(m_map->nodes.size()); ++node) {
        const QRectF box = nodeRect(node);
        if (!box.isNull() && box.contains(position))
            found.node = node;
    }
    if (found.node >= 0)
        return found;
    double nearest = kReach;
    for (int edge = 0; edge < int(m_map->edges.size()); ++edge) {
        if (!m_shown.edges[std::size_t(edge)])
            continue;
        const double reach = lineWidth(m_map->edges[std::size_t(edge)]) / 2;
        if (!linePath(edge).controlPointRect().adjusted(-9, -9, 9, 9).contains(position))
            continue;
        const QPolygonF points = linePoints(edge);
        for (qsizetype i = 1; i < points.size(); ++i) {
            const double off = distance(position, points[i - 1], points[i]) - reach;
            if (off < nearest) {
                nearest = off;
                found.edge = edge;
            }
        }
    }
    return found;
}

QString ServiceMapCanvas::toolTipAt(const QPoint &position) const
{
    const Item item = itemAt(position);
    if (item.node >= 0)
        return items::nodeToolTip(*m_map, m_map->nodes[std::size_t(item.node)]);
    return item.edge >= 0 ? items::edgeToolTip(*m_map, m_map->edges[std::size_t(item.edge)]) : QString();
}

QString ServiceMapCanvas::accessibleValue() const
{
    QString text;
    if (m_map && m_current.node >= 0)
        text = items::nodeToolTip(*m_map, m_map->nodes[std::size_t(m_current.node)]);
    else if (m_map && m_current.edge >= 0)
        text = items::edgeToolTip(*m_map, m_map->edges[std::size_t(m_current.edge)]);
    return text.replace(QLatin1Char('\n'), QStringLiteral(", "));
}

bool ServiceMapCanvas::event(QEvent *event)
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

void ServiceMapCanvas::setCurrent(const Item &item, bool show)
{
    const bool isNew = m_current != item;
    m_current = item;
    if (show)
        reveal(item);
    update();
    if (!isNew)
        return;
    announceValue(this, accessibleValue());
    Q_EMIT currentChanged();
}

void ServiceMapCanvas::reveal(const Item &item)
{
    const QRectF target = item.node >= 0 ? nodeRect(item.node)
        : item.edge >= 0                 ? QRectF(edgeMiddle(item.edge) - QPointF(40, 20), QSizeF(80, 40))
                                         : QRectF();
    const QRectF inside = QRectF(rect()).adjusted(12, 12, -12, -12);
    if (target.isNull() || inside.contains(target))
        return;
    panBy(inside.center() - target.center());
}

void ServiceMapCanvas::mousePressEvent(QMouseEvent *event)
{
    m_pressed = itemAt(event->position());
    if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton)
        m_dragFrom = event->position();
    m_dragged = false;
}

void ServiceMapCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragFrom) {
        const QPointF way = event->position() - *m_dragFrom;
        if (!m_dragged && way.manhattanLength() < QApplication::startDragDistance())
            return;
        m_dragged = true;
        setCursor(Qt::ClosedHandCursor);
        panBy(way);
        m_dragFrom = event->position();
        return;
    }
    const Item hover = itemAt(event->position());
    if (hover == m_hover)
        return;
    m_hover = hover;
    setCursor(hover.node >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    Q_EMIT hoverText(toolTipAt(event->position().toPoint())
                         .section(QLatin1Char('\n'), 0, 1)
                         .replace(QLatin1Char('\n'), QStringLiteral(": ")));
    update();
}

void ServiceMapCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    m_dragFrom.reset();
    unsetCursor();
    if (m_dragged || event->button() != Qt::LeftButton)
        return;
    const Item item = itemAt(event->position());
    if (item != m_pressed)
        return;
    setCurrent(item, false);
    if (item.node >= 0)
        Q_EMIT narrowRequested(item.node);
}

void ServiceMapCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    // The first click may have narrowed the map already: what is current is what was clicked.
    if (event->button() != Qt::LeftButton)
        return;
    if (m_current.node >= 0)
        Q_EMIT openRequested(m_current.node);
    else if (m_current.edge >= 0)
        Q_EMIT edgeOpenRequested(m_current.edge);
}

void ServiceMapCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier)
        panBy(QPointF(angle.y() != 0 ? angle.y() : angle.x(), 0) / 2);
    else if (std::abs(angle.x()) > std::abs(angle.y()))
        panBy(QPointF(angle.x(), 0) / 2);
    else
        zoomBy(std::pow(kZoomStep, angle.y() / kNotch), event->position());
    event->accept();
}

void ServiceMapCanvas::leaveEvent(QEvent *)
{
    m_hover = {};
    Q_EMIT hoverText({});
    update();
}

void ServiceMapCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Mouse) {
        setCurrent(itemAt(event->pos()), false);
        Q_EMIT menuRequested(event->globalPos());
        return;
    }
    const QRectF box = nodeRect(m_current.node);
    Q_EMIT menuRequested(mapToGlobal(box.isNull() ? rect().center() : box.center().toPoint()));
}

int ServiceMapCanvas::neighbour(int node, bool callee) const
{
    int best = -1;
    double most = -1;
    for (std::size_t i = 0; i < m_map->edges.size(); ++i) {
        const ServiceMapCanvas::Map &map = m_map;
        const analysis::ServiceEdge &edge = map->edges[i];
        const int here = int(callee ? edge.caller : edge.callee),
                  there = int(callee ? edge.callee : edge.caller);
        if (m_shown.edges[i] && here == node && edge.weight > most) {
            most = edge.weight;
            best = there;
        }
    }
    return best;
}

int ServiceMapCanvas::stepInColumn(int node, int direction) const
{
    int best = -1;
    double nearest = 0;
    const double y = m_layout.boxes[node].center().y();
    for (int other = 0; other < int(m_layout.boxes.size()); ++other) {
        if (other == node || m_layout.layer[other] != m_layout.layer[node] || m_layout.boxes[other].isNull())
            continue;
        const double way = (m_layout.boxes[other].center().y() - y) * direction;
        if (way > 0 && (best < 0 || way < nearest)) {
            nearest = way;
            best = other;
        }
    }
    return best;
}

void ServiceMapCanvas::step(int key)
{
    if (m_current.node < 0) {
        // The first is the one where most requests come in, at the left.
        Item first;
        for (int node = 0; node < int(m_layout.boxes.size()); ++node) {
            if (m_layout.boxes[node].isNull() || m_layout.layer[node] != 0)
                continue;
            if (first.node < 0
                || m_map->nodes[std::size_t(node)].requests > m_map->nodes[std::size_t(first.node)].requests)
                first.node = node;
        }
        setCurrent(first, true);
        return;
    }
    const int next = key == Qt::Key_Left ? neighbour(m_current.node, false)
        : key == Qt::Key_Right           ? neighbour(m_current.node, true)
                                         : stepInColumn(m_current.node, key == Qt::Key_Down ? 1 : -1);
    if (next >= 0)
        setCurrent({next, -1}, true);
}

void ServiceMapCanvas::keyPressEvent(QKeyEvent *event)
{
    if (!m_map) {
        QWidget::keyPressEvent(event);
        return;
    }
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (!shift)
            return step(event->key());
        return panBy(event->key() == Qt::Key_Left ? QPointF(kKeyPan, 0)
                : event->key() == Qt::Key_Right   ? QPointF(-kKeyPan, 0)
                : event->key() == Qt::Key_Up      ? QPointF(0, kKeyPan)
                                                  : QPointF(0, -kKeyPan));
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomBy(kZoomStep);
    case Qt::Key_Minus:
        return zoomBy(1 / kZoomStep);
    case Qt::Key_Home:
    case Qt::Key_0:
        return showAll(false);
    case Qt::Key_Escape:
        return setCurrent({}, false);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current.node >= 0 && (event->modifiers() & Qt::ControlModifier))
            Q_EMIT openRequested(m_current.node);
        else if (m_current.node >= 0)
            Q_EMIT narrowRequested(m_current.node);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void ServiceMapCanvas::setSearch(const QRegularExpression &pattern)
{
    m_match.clear();
    if (m_map && !pattern.pattern().isEmpty()) {
        for (const analysis::ServiceNode &node : m_map->nodes) {
            const bool isShown = m_shown.nodes[m_match.size()];
            m_match.push_back(isShown && pattern.match(items::serviceTitle(node)).hasMatch());
        }
    }
    update();
}

int ServiceMapCanvas::matches() const { return int(std::count(m_match.begin(), m_match.end(), true)); }

void ServiceMapCanvas::showMatch(int step)
{
    const int n = int(m_match.size());
    if (matches() == 0)
        return;
    int at = m_current.node < 0 ? (step < 0 ? n : -1) : m_current.node;
    if (step == 0 && at >= 0 && at < n && m_match[std::size_t(at)])
        return reveal(m_current);
    do {
        at = (at + (step < 0 ? -1 : 1) + n) % n;
    } while (!m_match[std::size_t(at)]);
    setCurrent({at, -1}, true);
}

} // namespace tailscope::widgets
