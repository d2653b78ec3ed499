// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, wheel and keyboard of the diagram.
#include "items/planmodel.h"
#include "widgets/plan/plandiagram.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr double kNotch = 120, kZoomStep = 1.2;
constexpr double kKeyPan = 60;

} // namespace

int PlanDiagram::nodeAt(const QPointF &position) const
{
    return miniMap().contains(position) ? -1 : m_layout.nodeAt(toScene(position));
}

QString PlanDiagram::toolTipAt(const QPoint &position) const
{
    const int node = nodeAt(position);
    return node < 0 ? QString() : m_model->cells().summary(node);
}

bool PlanDiagram::event(QEvent *event)
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

void PlanDiagram::goToMiniMap(const QPointF &position)
{
    const QRectF map = miniMap(), all = m_layout.bounds();
    if (map.isNull())
        return;
    const QPointF place((position.x() - map.left() - 3) / (map.width() - 6) * all.width(),
        (position.y() - map.top() - 3) / (map.height() - 6) * all.height());
    m_origin = place - QPointF(width(), height()) / (2 * m_scale);
    m_wantsAll = false;
    clampOrigin();
    update();
}

void PlanDiagram::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_dragFrom = event->position();
    m_dragged = false;
    m_onMiniMap = miniMap().contains(event->position());
    m_pressed = nodeAt(event->position());
    if (m_onMiniMap)
        goToMiniMap(event->position());
}

void PlanDiagram::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragFrom && m_onMiniMap) {
        goToMiniMap(event->position());
        return;
    }
    if (m_dragFrom) {
        const QPointF way = event->position() - *m_dragFrom;
        if (m_dragged || way.manhattanLength() >= QApplication::startDragDistance()) {
            m_dragged = true;
            setCursor(Qt::ClosedHandCursor);
            panBy(way);
            m_dragFrom = event->position();
        }
        return;
    }
    int node = nodeAt(event->position());
    // The fold button reaches below its box.
    if (node < 0 && m_hover >= 0 && foldChip(m_hover).contains(toScene(event->position())))
        node = m_hover;
    if (node == m_hover)
        return;
    m_hover = node;
    setCursor(node >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (node >= 0)
        Q_EMIT hoverText(m_model->cells().nodeTitle(node) + QStringLiteral(" — ")
            + m_model->cells().toolTip(node, items::PlanColumns::SelfTime));
    update();
}

void PlanDiagram::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_dragFrom)
        return;
    const bool isClick = !m_dragged && !m_onMiniMap;
    m_dragFrom.reset();
    m_onMiniMap = false;
    setCursor(Qt::ArrowCursor);
    if (!isClick)
        return;
    const QPointF place = toScene(event->position());
    for (const int node : {m_hover, m_pressed}) {
        if (node >= 0 && foldChip(node).contains(place)) {
            toggleFold(node);
            return;
        }
    }
    // The chip of a folded node without the mouse having moved.
    if (m_pressed < 0) {
        const int above = m_layout.nodeAt(place - QPointF(0, 14));
        if (above >= 0 && isFolded(above) && foldChip(above).contains(place))
            toggleFold(above);
        return;
    }
    if (m_pressed == nodeAt(event->position()))
        Q_EMIT nodeChosen(m_pressed);
}

void PlanDiagram::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const int node = nodeAt(event->position()); node >= 0)
        toggleFold(node);
}

void PlanDiagram::wheelEvent(QWheelEvent *event)
{
    const QPoint delta = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier)
        panBy(QPointF(delta.y() + delta.x(), 0));
    else
        zoomBy(std::pow(kZoomStep, delta.y() / kNotch), event->position());
    event->accept();
}

void PlanDiagram::step(int key)
{
    int next = m_current;
    if (m_current < 0 || !m_layout.isShown(m_current)) {
        next = 0;
    } else if (key == Qt::Key_Up) {
        next = std::max(m_layout.parent(m_current), m_layout.parent(m_current) < 0 ? m_current : 0);
    } else if (key == Qt::Key_Down) {
        const std::vector<int> &children = m_layout.children(m_current);
        if (isFolded(m_current))
            toggleFold(m_current);
        if (!children.empty())
            next = children.front();
    } else {
        next = m_layout.neighbour(m_current, key == Qt::Key_Left ? -1 : 1);
    }
    if (next >= 0 && next < m_layout.count() && next != m_current)
        Q_EMIT nodeChosen(next);
}

void PlanDiagram::keyPressEvent(QKeyEvent *event)
{
    const bool isShift = event->modifiers() & Qt::ShiftModifier;
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right: {
        if (!isShift) {
            step(event->key());
            return;
        }
        const double x = event->key() == Qt::Key_Left ? kKeyPan
            : event->key() == Qt::Key_Right           ? -kKeyPan
                                                      : 0;
        const double y = event->key() == Qt::Key_Up ? kKeyPan : event->key() == Qt::Key_Down ? -kKeyPan : 0;
        panBy({x, y});
        return;
    }
    case Qt::Key_Home:
        if (m_layout.count() > 0)
            Q_EMIT nodeChosen(0);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(kZoomStep);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / kZoomStep);
        return;
    case Qt::Key_0:
        fitAll();
        return;
    case Qt::Key_F:
        fitCurrent();
        return;
    case Qt::Key_Space:
        if (isShift)
            unfoldAll();
        else
            toggleFold(m_current);
        return;
    case Qt::Key_Menu:
        Q_EMIT menuRequested(mapToGlobal(boxOnWidget(m_current).center().toPoint()), m_current);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void PlanDiagram::contextMenuEvent(QContextMenuEvent *event)
{
    const int node = event->reason() == QContextMenuEvent::Mouse ? nodeAt(event->pos()) : m_current;
    if (node >= 0)
        Q_EMIT nodeChosen(node);
    Q_EMIT menuRequested(event->globalPos(), node);
}

void PlanDiagram::leaveEvent(QEvent *)
{
    m_hover = -1;
    update();
}

} // namespace tailscope::widgets
