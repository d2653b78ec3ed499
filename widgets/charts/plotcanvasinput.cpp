// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and readout of the plot.
#include "widgets/charts/plotcanvas.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

const std::vector<double> &PlotCanvas::stops() const
{
    static const std::vector<double> none;
    const auto longest = std::max_element(m_content.series.begin(), m_content.series.end(),
        [](const PlotSeries &a, const PlotSeries &b) { return a.x.size() < b.x.size(); });
    return longest == m_content.series.end() ? none : longest->x;
}

std::optional<double> PlotCanvas::nearestStop(double x) const
{
    const std::vector<double> &xs = stops();
    if (xs.empty())
        return std::nullopt;
    const auto next = std::lower_bound(xs.begin(), xs.end(), x);
    if (next == xs.begin())
        return *next;
    if (next == xs.end())
        return xs.back();
    return x - *(next - 1) < *next - x ? *(next - 1) : *next;
}

QStringList PlotCanvas::readoutLines(double x) const
{
    QStringList lines{m_x.exactText(x)};
    for (const PlotSeries &series : m_content.series) {
        const auto next = std::lower_bound(series.x.begin(), series.x.end(), x);
        auto index = std::size_t(next - series.x.begin());
        if (index > 0 && (index == series.x.size() || series.x[index] != x))
            --index; // the value in force: that of the last point before
        const bool known = index < series.y.size() && std::isfinite(series.y[index]) && series.x[index] <= x;
        if (!known && series.name.isEmpty())
            continue;
        QString line = known ? m_y.exactText(series.y[index]) : tr("no data");
        if (known && index < series.weak.size() && series.weak[index] != 0 && !m_content.weakText.isEmpty())
            line += QStringLiteral(" (%1)").arg(m_content.weakText);
        lines << (series.name.isEmpty() ? line : QStringLiteral("%1: %2").arg(series.name, line));
    }
    if (m_content.note) {
        const QString note = m_content.note(x);
        if (!note.isEmpty())
            lines << note;
    }
    return lines;
}

QString PlotCanvas::accessibleValue() const
{
    return m_cursor ? readoutLines(*m_cursor).join(QStringLiteral(", ")) : QString();
}

void PlotCanvas::setCursorX(std::optional<double> x)
{
    if (m_cursor == x)
        return;
    m_cursor = x;
    viewport()->update();
}

void PlotCanvas::moveCursor(std::optional<double> x)
{
    if (m_cursor == x)
        return;
    m_cursor = x;
    viewport()->update();
    Q_EMIT cursorMoved(x);
    Q_EMIT readoutChanged(accessibleValue());
    announceValue(this, accessibleValue());
}

void PlotCanvas::stepCursor(int step, bool select)
{
    const std::vector<double> &xs = stops();
    if (xs.empty())
        return;
    const auto [first, last] = visiblePart(xs, m_x.low(), m_x.high());
    std::ptrdiff_t index = std::ptrdiff_t(first);
    if (m_cursor) {
        const auto at = std::lower_bound(xs.begin(), xs.end(), *m_cursor);
        index = at - xs.begin();
        const bool onStop = at != xs.end() && *at == *m_cursor;
        index += step > 0 && !onStop ? step - 1 : step;
    }
    index
        = std::clamp(index, std::ptrdiff_t(first), std::max(std::ptrdiff_t(first), std::ptrdiff_t(last) - 1));
    const double x = xs[std::size_t(index)];
    if (select && m_content.selectable) {
        if (!m_anchor)
            m_anchor = m_cursor.value_or(x);
        m_focusEnd = x;
        Q_EMIT selectionChanged();
    } else {
        clearSelection();
    }
    moveCursor(x);
    viewport()->update();
}

void PlotCanvas::clearSelection()
{
    const bool had = selection().has_value();
    m_anchor.reset();
    m_focusEnd.reset();
    m_pressPixel.reset();
    m_dragging = false;
    if (had) {
        viewport()->update();
        Q_EMIT selectionChanged();
    }
}

void PlotCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool select = event->modifiers() & Qt::ShiftModifier;
    const int page = event->modifiers() & Qt::ControlModifier ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Left:
        stepCursor(-page, select);
        return;
    case Qt::Key_Right:
        stepCursor(page, select);
        return;
    case Qt::Key_Home:
        stepCursor(-(1 << 30), select);
        return;
    case Qt::Key_End:
        stepCursor(1 << 30, select);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const auto chosen = selection()) {
            clearSelection();
            Q_EMIT rangeSelected(chosen->first, chosen->second);
        }
        return;
    case Qt::Key_Escape:
        if (selection()) {
            clearSelection();
        } else if (m_cursor) {
            moveCursor(std::nullopt);
        } else {
            event->ignore();
        }
        return;
    case Qt::Key_Backspace:
        if (m_content.selectable) {
            Q_EMIT rangeCleared();
            return;
        }
        break;
    default:
        break;
    }
    event->ignore();
}

void PlotCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    clearSelection();
    if (m_content.selectable)
        m_pressPixel = event->position().x();
    moveCursor(nearestStop(xAt(event->position().x())));
}

void PlotCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const double pixel = event->position().x();
    if (m_pressPixel && (event->buttons() & Qt::LeftButton)) {
        if (!m_dragging && std::abs(pixel - *m_pressPixel) < QApplication::startDragDistance() / 2.0)
            return;
        m_dragging = true;
        m_anchor = xAt(*m_pressPixel);
        m_focusEnd = xAt(pixel);
        viewport()->update();
        Q_EMIT selectionChanged();
        return;
    }
    moveCursor(m_plot.contains(event->position().toPoint()) ? nearestStop(xAt(pixel)) : std::nullopt);
}

void PlotCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_pressPixel)
        return;
    const auto chosen = m_dragging ? selection() : std::nullopt;
    clearSelection();
    if (chosen)
        Q_EMIT rangeSelected(chosen->first, chosen->second);
}

void PlotCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_content.selectable)
        Q_EMIT rangeCleared();
}

void PlotCanvas::leaveEvent(QEvent *event)
{
    QChartView::leaveEvent(event);
    if (!hasFocus() && !m_dragging)
        moveCursor(std::nullopt);
}

void PlotCanvas::focusInEvent(QFocusEvent *event)
{
    QChartView::focusInEvent(event);
    viewport()->update();
}

void PlotCanvas::focusOutEvent(QFocusEvent *event)
{
    QChartView::focusOutEvent(event);
    viewport()->update();
}

void PlotCanvas::wheelEvent(QWheelEvent *event)
{
    // The chart does not scroll; what it lies in may.
    event->ignore();
}

} // namespace tailscope::widgets
