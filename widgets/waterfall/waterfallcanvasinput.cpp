// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keyboard of the waterfall.
#include "base/text.h"
#include "items/waterfalltext.h"
#include "widgets/waterfall/waterfallcanvas.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kPanStep = 0.12;
constexpr double kNotch = 120.0;
constexpr int kMarkReach = 4;

} // namespace

void WaterfallCanvas::choose(int index)
{
    setCurrentRow(index);
    if (m_current >= 0)
        Q_EMIT rowChosen(m_current);
}

void WaterfallCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool isPlain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const bool isMenu = event->key() == Qt::Key_Menu
        || (event->key() == Qt::Key_F10 && (event->modifiers() & Qt::ShiftModifier));
    if (isMenu && m_current >= 0)
        Q_EMIT menuRequested(mapToGlobal(rowRect(m_current).center()));
    else if (!trace() || !isPlain || !(handleTreeKey(event->key()) || handleWindowKey(event->key())))
        QWidget::keyPressEvent(event);
}

bool WaterfallCanvas::handleTreeKey(int key)
{
    const int page = std::max(1, rowsRect().height() / m_rowHeight - 1);
    const auto parentOf = [this](int index) {
        int above = index - 1;
        while (above >= 0 && row(above).depth >= row(index).depth)
            --above;
        return above;
    };
    switch (key) {
    case Qt::Key_Up:
        choose(std::max(0, m_current - 1));
        return true;
    case Qt::Key_Down:
        choose(std::min(rowCount() - 1, m_current + 1));
        return true;
    case Qt::Key_PageUp:
        choose(std::max(0, m_current - page));
        return true;
    case Qt::Key_PageDown:
        choose(std::min(rowCount() - 1, m_current + page));
        return true;
    case Qt::Key_Home:
        choose(0);
        return true;
    case Qt::Key_End:
        choose(rowCount() - 1);
        return true;
    case Qt::Key_Left:
        if (m_current >= 0 && row(m_current).isOpen)
            m_model->setOpen(m_current, false);
        else if (m_current >= 0 && parentOf(m_current) >= 0)
            choose(parentOf(m_current));
        return true;
    case Qt::Key_Right:
        if (m_current >= 0 && row(m_current).hasChildren && !row(m_current).isOpen)
            m_model->setOpen(m_current, true);
        else if (m_current >= 0 && row(m_current).hasChildren && m_current + 1 < rowCount())
            choose(m_current + 1);
        return true;
    case Qt::Key_Space:
        if (m_current >= 0)
            m_model->setOpen(m_current, !row(m_current).isOpen);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            Q_EMIT rowChosen(m_current);
        return true;
    default:
        return false;
    }
}

bool WaterfallCanvas::handleWindowKey(int key)
{
    switch (key) {
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
        setWindow(panned(m_window, -kPanStep, limits()), false);
        return true;
    case Qt::Key_D:
        setWindow(panned(m_window, kPanStep, limits()), false);
        return true;
    case Qt::Key_F:
        fitRow(m_current);
        return true;
    case Qt::Key_0:
        fitAll();
        return true;
    case Qt::Key_Backspace:
        zoomBack();
        return true;
    default:
        return false;
    }
}

void WaterfallCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    m_press = event->position().toPoint();
    m_pressWindow = m_window;
    m_pressScroll = m_scroll;
    m_gesture = Gesture::Press;
    if (std::abs(m_press.x() - treeWidth()) <= 3)
        m_gesture = Gesture::Split;
    else if (trace() && mapRect().contains(m_press)) {
        m_gesture = Gesture::Map;
        moveMapTo(m_press.x());
    }
}

// The middle of the window goes where the pointer is.
void WaterfallCanvas::moveMapTo(int x)
{
    const TimeRange all = limits();
    const double share = double(x - mapRect().left()) / std::max(1, mapRect().width());
    const Nanos middle = saturatingAdd(all.begin, Nanos(share * double(all.length())));
    setWindow({saturatingSub(middle, m_window.length() / 2),
                  saturatingAdd(saturatingSub(middle, m_window.length() / 2), m_window.length())},
        false);
}

void WaterfallCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    m_pointer = position;
    const QPoint way = position - m_press;
    switch (m_gesture) {
    case Gesture::Split:
        setTreeWidth(position.x());
        return;
    case Gesture::Map:
        moveMapTo(position.x());
        return;
    case Gesture::Press:
        if (way.manhattanLength() < QApplication::startDragDistance())
            return;
        m_gesture = Gesture::Pan;
        setCursor(Qt::ClosedHandCursor);
        [[fallthrough]];
    case Gesture::Pan:
        setWindow(panned(m_pressWindow, -double(way.x()) / barsWidth(), limits()), false);
        setScrollPosition(m_pressScroll - way.y());
        return;
    case Gesture::None:
        break;
    }
    if (std::abs(position.x() - treeWidth()) <= 3)
        setCursor(Qt::SplitHCursor);
    else
        unsetCursor();
    const int index = trace() ? rowAt(position.y()) : -1;
    if (index == m_hover)
        return;
    m_hover = index;
    update();
    Q_EMIT hovered(
        index < 0 ? QString() : items::waterfallRowLines(*trace(), row(index)).join(QStringLiteral(" · ")));
}

void WaterfallCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    const Gesture gesture = std::exchange(m_gesture, Gesture::None);
    unsetCursor();
    const QPoint position = event->position().toPoint();
    const int index = trace() ? rowAt(position.y()) : -1;
    if (gesture != Gesture::Press || event->button() != Qt::LeftButton || index < 0)
        return;
    if (row(index).hasChildren && arrowRect(index).contains(position))
        m_model->setOpen(index, !row(index).isOpen);
    else
        choose(index);
}

void WaterfallCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    const int index = trace() ? rowAt(position.y()) : -1;
    m_gesture = Gesture::None;
    if (event->button() != Qt::LeftButton)
        return;
    if (index >= 0 && !arrowRect(index).contains(position)) {
        setCurrentRow(index);
        fitRow(index);
    } else if (index < 0 && trace()) {
        fitAll();
    }
}

void WaterfallCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        m_pointer = event->position().toPoint();
        zoomBy(std::pow(kZoomStep, -angle.y() / kNotch));
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        const int way = angle.x() != 0 ? angle.x() : angle.y();
        setWindow(panned(m_window, -0.1 * way / kNotch, limits()), false);
    } else {
        setScrollPosition(
            m_scroll - int(std::lround(angle.y() / kNotch * QApplication::wheelScrollLines() * m_rowHeight)));
    }
    event->accept();
}

void WaterfallCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    if (!trace())
        return;
    const int index = rowAt(event->pos().y());
    if (event->reason() == QContextMenuEvent::Mouse && index >= 0)
        choose(index);
    const bool byKeyboard = event->reason() == QContextMenuEvent::Keyboard && m_current >= 0;
    Q_EMIT menuRequested(byKeyboard ? mapToGlobal(rowRect(m_current).center()) : event->globalPos());
}

void WaterfallCanvas::leaveEvent(QEvent *)
{
    m_pointer.reset();
    m_hover = -1;
    update();
    Q_EMIT hovered({});
}

const items::WaterfallTrace::Mark *WaterfallCanvas::markAt(const QPoint &position) const
{
    const int index = rowAt(position.y());
    if (index < 0 || row(index).kind != Row::Kind::Span || position.x() <= barsLeft())
        return nullptr;
    const items::WaterfallTrace::Mark *best = nullptr;
    double nearest = kMarkReach + 0.5;
    for (const items::WaterfallTrace::Mark &mark : trace()->marksOf(row(index).index)) {
        const double away = std::abs(xOf(mark.ts) - position.x());
        if (away < nearest) {
            nearest = away;
            best = &mark;
        }
    }
    return best;
}

QString WaterfallCanvas::toolTipAt(const QPoint &position) const
{
    if (!trace())
        return {};
    if (mapRect().contains(position))
        return tr("The whole trace; drag to move the window. F fits the row, 0 shows everything.");
    if (const items::WaterfallTrace::Mark *mark = markAt(position)) {
        QString text
            = tr("%1\nat %2")
                  .arg(mark->name,
                      QString::fromStdString(exactDuration(saturatingSub(mark->ts, trace()->begin()))));
        if (!mark->attributes.isEmpty())
            text += QLatin1Char('\n') + mark->attributes.left(500);
        return text;
    }
    const int index = rowAt(position.y());
    return index < 0 ? QString() : items::waterfallRowLines(*trace(), row(index)).join(QLatin1Char('\n'));
}

bool WaterfallCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text = toolTipAt(help->pos());
        // Texts of files are never taken for markup.
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(),
                QStringLiteral("<p style='white-space:pre-wrap'>") + text.toHtmlEscaped()
                    + QStringLiteral("</p>"),
                this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace tailscope::widgets
