// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, wheel and keyboard of the flame graph.
#include "widgets/flame/flamecanvas.h"

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

/// One notch of a mouse wheel, in eighths of a degree.
constexpr double kNotch = 120;
constexpr double kZoomStep = 1.25;
constexpr int kRowsPerNotch = 3;

} // namespace

const FlameBox *FlameCanvas::boxAt(const QPoint &position)
{
    if (!m_scene || position.x() < 0 || position.x() >= int(paneWidth()))
        return nullptr;
    ensureLayout();
    return m_scene->boxAt(m_geometry.rowAt(position.y()), position.x());
}

void FlameCanvas::setHover(std::uint32_t id)
{
    if (m_hover == id)
        return;
    const QRect before = frameRect(m_hover);
    m_hover = id;
    update(before.united(frameRect(m_hover)));
    Q_EMIT hoverChanged();
}

bool FlameCanvas::event(QEvent *event)
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

QString FlameCanvas::toolTipAt(const QPoint &position)
{
    const FlameBox *box = boxAt(position);
    if (!box)
        return {};
    const FlameFigures figures = m_scene->figures(box->id);
    return box->folded > 0 ? runToolTip(box->folded, figures, m_wording) : frameToolTip(figures, m_wording);
}

void FlameCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton)
        m_drag = Drag{event->position().toPoint(), m_low, m_high, m_geometry.offset, false};
}

void FlameCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    if (!m_drag) {
        const FlameBox *box = boxAt(position);
        setHover(box && box->folded == 0 ? box->id : FlameScene::kNothing);
        return;
    }
    const QPoint way = position - m_drag->start;
    if (!m_drag->moved && way.manhattanLength() < QApplication::startDragDistance())
        return;
    m_drag->moved = true;
    setCursor(Qt::ClosedHandCursor);
    const double shift = way.x() / paneWidth() * (m_drag->high - m_drag->low);
    setWindow(m_drag->low - shift, m_drag->high - shift, false);
    setOffset(m_geometry.isUpward ? m_drag->offset + way.y() : m_drag->offset - way.y());
}

void FlameCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (!m_drag)
        return;
    const bool moved = m_drag->moved;
    m_drag.reset();
    unsetCursor();
    if (moved || event->button() != Qt::LeftButton)
        return;
    const FlameBox *found = boxAt(event->position().toPoint());
    if (!found)
        return;
    const FlameBox box = *found;
    if (box.folded > 0) {
        openRun(box);
        return;
    }
    setFocusedFrame(box.id, false);
    Q_EMIT frameClicked(box.id);
    if (!m_scene->isTimeAxis())
        zoomToFrame(box.id);
}

void FlameCanvas::openRun(const FlameBox &box)
{
    const double left = m_low + double(box.x) / scale();
    setWindow(left, left + double(box.w) / scale(), true);
}

void FlameCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    const FlameBox *box = boxAt(event->position().toPoint());
    if (event->button() != Qt::LeftButton || !box || box->folded > 0 || !m_scene->isTimeAxis())
        return;
    const std::uint32_t id = box->id;
    Q_EMIT frameActivated(id);
    zoomToFrame(id);
}

void FlameCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        zoomAround(event->position().x(), std::pow(kZoomStep, -angle.y() / kNotch));
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        const int way = angle.x() != 0 ? angle.x() : angle.y();
        panBy(-0.1 * way / kNotch);
    } else {
        const int pixels = int(std::lround(angle.y() / kNotch * kRowsPerNotch * m_geometry.rowHeight));
        setOffset(m_geometry.offset + (m_geometry.isUpward ? pixels : -pixels));
    }
    event->accept();
}

void FlameCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool menu = event->key() == Qt::Key_Menu
        || (event->key() == Qt::Key_F10 && (event->modifiers() & Qt::ShiftModifier));
    if (menu) {
        Q_EMIT menuRequested(mapToGlobal(focusPoint()));
        return;
    }
    const bool plain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    const int key = event->key();
    if (m_scene && plain && shift && (key == Qt::Key_Left || key == Qt::Key_Right)) {
        panBy(key == Qt::Key_Left ? -0.15 : 0.15);
        return;
    }
    // Letters with Shift, and in trees those that narrow the tree, are for the view.
    const bool isLetter = key >= Qt::Key_A && key <= Qt::Key_Z;
    const bool isForView = isLetter
        && (shift || (m_scene && !m_scene->isTimeAxis() && (key == Qt::Key_F || key == Qt::Key_D)));
    if (!m_scene || !plain || isForView || !(handleWalkKey(key) || handleWindowKey(key)))
        QWidget::keyPressEvent(event);
}

bool FlameCanvas::handleWalkKey(int key)
{
    switch (key) {
    case Qt::Key_Left:
        walk(-1, 0);
        return true;
    case Qt::Key_Right:
        walk(1, 0);
        return true;
    case Qt::Key_Up:
        walk(0, m_geometry.isUpward ? 1 : -1);
        return true;
    case Qt::Key_Down:
        walk(0, m_geometry.isUpward ? -1 : 1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_F:
        activateFocus();
        return true;
    default:
        return false;
    }
}

bool FlameCanvas::handleWindowKey(int key)
{
    const int page = std::max(m_geometry.rowHeight, m_geometry.height - m_geometry.rowHeight);
    switch (key) {
    case Qt::Key_Backspace:
        zoomOut();
        return true;
    case Qt::Key_Escape:
        // With nothing to go back to, Esc is for those around.
        if (!isZoomed())
            return false;
        zoomOut();
        return true;
    case Qt::Key_Home:
    case Qt::Key_0:
        resetZoom();
        return true;
    case Qt::Key_W:
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(1 / kZoomStep);
        return true;
    case Qt::Key_S:
    case Qt::Key_Minus:
        zoomBy(kZoomStep);
        return true;
    case Qt::Key_A:
        panBy(-0.15);
        return true;
    case Qt::Key_D:
        panBy(0.15);
        return true;
    case Qt::Key_PageDown:
        setOffset(m_geometry.offset + (m_geometry.isUpward ? -page : page));
        return true;
    case Qt::Key_PageUp:
        setOffset(m_geometry.offset + (m_geometry.isUpward ? page : -page));
        return true;
    default:
        return false;
    }
}

void FlameCanvas::activateFocus()
{
    if (m_focus == FlameScene::kNothing)
        return;
    const std::uint32_t id = m_focus;
    Q_EMIT frameActivated(id);
    zoomToFrame(id);
}

void FlameCanvas::walk(int dx, int dy)
{
    ensureLayout();
    const int row = m_focus == FlameScene::kNothing ? -1 : m_scene->rowOf(m_focus);
    // The rows of a time scene outside the viewport are not laid out yet.
    if (m_scene->isTimeAxis() && row >= 0)
        m_scene->layOut(m_low, m_high, paneWidth(), row - 1, row + 2);
    const FlameBox *box = row < 0 ? nullptr : m_scene->boxOf(row, m_focus);
    const auto focus = [this](const FlameBox *next) {
        if (next && next->folded == 0)
            setFocusedFrame(next->id, true);
    };
    if (!box) {
        // Nothing focused, or it lies outside the window: begin with the innermost frame over the whole
        // window.
        const std::uint32_t zoomed = zoomedFrame();
        const int start = zoomed == FlameScene::kNothing ? 0 : m_scene->rowOf(zoomed);
        for (int r = start; r >= 0 && r < m_scene->rowCount(); ++r) {
            for (const FlameBox &candidate : m_scene->row(r)) {
                if (candidate.folded == 0)
                    return focus(&candidate);
            }
        }
        return;
    }
    if (dy < 0) {
        focus(m_scene->boxAt(row - 1, double(box->x) + double(box->w) / 2, 0));
    } else if (dy > 0) {
        if (row + 1 >= m_scene->rowCount())
            return;
        for (const FlameBox &candidate : m_scene->row(row + 1)) {
            const bool isInside = candidate.x >= box->x - 0.5F && candidate.x < box->x + box->w;
            if (isInside && candidate.folded == 0)
                return focus(&candidate);
        }
    } else {
        const auto boxes = m_scene->row(row);
        for (auto at = (box - boxes.data()) + dx; at >= 0 && at < std::ptrdiff_t(boxes.size()); at += dx) {
            if (boxes[std::size_t(at)].folded == 0)
                return focus(&boxes[std::size_t(at)]);
        }
    }
}

void FlameCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Keyboard) {
        Q_EMIT menuRequested(mapToGlobal(focusPoint()));
        return;
    }
    if (const FlameBox *box = boxAt(event->pos()); box && box->folded == 0)
        setFocusedFrame(box->id, false);
    Q_EMIT menuRequested(event->globalPos());
}

void FlameCanvas::leaveEvent(QEvent *) { setHover(FlameScene::kNothing); }

void FlameCanvas::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void FlameCanvas::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace tailscope::widgets
