// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and readout of the picture of the traces.
#include "base/text.h"
#include "widgets/waterfall/tracescattercanvas.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

/// Pixels from a mark within which it counts as pointed at.
constexpr int kReach = 12;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

std::optional<TraceScatterCanvas::Cell> TraceScatterCanvas::cellNear(const QPoint &position) const
{
    if (isEmpty())
        return std::nullopt;
    const double perColumn = double(m_plot.width()) / m_scatter->columns;
    const double perRow = double(m_plot.height()) / m_scatter->rows;
    const int column = int((position.x() - m_plot.left()) / perColumn);
    const int row = int((m_plot.bottom() - position.y()) / perRow);
    const int reach = kReach / std::max(1, int(std::min(perColumn, perRow))) + 1;
    std::optional<Cell> best;
    int nearest = kReach * kReach;
    for (int c = std::max(0, column - reach); c <= std::min(m_scatter->columns - 1, column + reach); ++c) {
        for (int r = std::max(0, row - reach); r <= std::min(m_scatter->rows - 1, row + reach); ++r) {
            if (m_scatter->at(c, r).count == 0)
                continue;
            const QPoint way = cellCenter(c, r) - position;
            const int distance = QPoint::dotProduct(way, way);
            if (distance < nearest) {
                nearest = distance;
                best = Cell(c, r);
            }
        }
    }
    return best;
}

qint64 TraceScatterCanvas::idOf(const Cell &cell) const
{
    return m_model->table()->id(m_scatter->at(cell.first, cell.second).slowest);
}

QStringList TraceScatterCanvas::readoutLines() const
{
    const auto table = m_model->table();
    if (isEmpty() || !m_cursor || !table)
        return {};
    const auto &cell = m_scatter->at(m_cursor->first, m_cursor->second);
    if (cell.count == 0)
        return {};
    const std::uint32_t entry = cell.slowest;
    QStringList lines{QStringLiteral("%1: %2").arg(fromUtf8(table->service(entry)),
                          fromUtf8(table->operation(entry))),
        fromUtf8(exactDuration(table->duration[entry])), m_context->timeText(table->start[entry]),
        tr("%1 spans, %2 services, %3 errors")
            .arg(fromUtf8(groupedCount(table->spans[entry])), fromUtf8(groupedCount(table->services[entry])),
                fromUtf8(groupedCount(table->errors[entry])))};
    if (cell.count > 1)
        lines << tr("the slowest of %1 traces here, %2 of them with errors")
                     .arg(fromUtf8(groupedCount(cell.count)), fromUtf8(groupedCount(cell.errors)));
    return lines;
}

QString TraceScatterCanvas::accessibleValue() const { return readoutLines().join(QStringLiteral(", ")); }

std::optional<TraceScatterCanvas::Area> TraceScatterCanvas::selection() const
{
    const QRect chosen = selectionRect();
    if (isEmpty() || chosen.isEmpty())
        return std::nullopt;
    const TimeScale time(m_scatter->range, m_plot.left(), m_plot.width());
    const auto duration = [this](int y) {
        const double share = double(m_plot.bottom() - y) / std::max(1, m_plot.height());
        const double low = double(m_scatter->low);
        return Nanos(std::llround(low * std::pow(double(m_scatter->high) / low, share)));
    };
    return Area{{time.toTime(chosen.left()), saturatingAdd(time.toTime(chosen.right() + 1), 1)},
        duration(chosen.bottom() + 1), saturatingAdd(duration(chosen.top()), 1)};
}

void TraceScatterCanvas::setCursor(const std::optional<Cell> &cell)
{
    if (m_cursor == cell)
        return;
    m_cursor = cell;
    update();
    Q_EMIT readoutChanged(accessibleValue());
    announceValue(this, accessibleValue());
}

void TraceScatterCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || isEmpty())
        return;
    m_press = event->position().toPoint();
    m_dragged.reset();
    m_anchor.reset();
    m_focusEnd.reset();
}

void TraceScatterCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint position = event->position().toPoint();
    if (m_press
        && (m_dragged || (position - *m_press).manhattanLength() >= QApplication::startDragDistance())) {
        m_dragged = position;
        update();
        return;
    }
    setCursor(cellNear(position));
}

void TraceScatterCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_press)
        return;
    const auto area = m_dragged ? selection() : std::nullopt;
    const bool isClick = !m_dragged;
    m_press.reset();
    m_dragged.reset();
    update();
    if (area)
        Q_EMIT areaSelected(*area);
    else if (const auto cell = cellNear(event->position().toPoint()); isClick && cell)
        Q_EMIT traceChosen(idOf(*cell));
}

void TraceScatterCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    const auto cell = cellNear(event->position().toPoint());
    if (event->button() == Qt::LeftButton && cell)
        Q_EMIT traceActivated(idOf(*cell));
}

void TraceScatterCanvas::leaveEvent(QEvent *)
{
    if (!hasFocus())
        setCursor(std::nullopt);
}

// The next cell with a trace in that direction: of the nearest column (or row) that has one, the nearest.
std::optional<TraceScatterCanvas::Cell> TraceScatterCanvas::stepFrom(const Cell &cell, int columns,
    int rows) const
{
    const bool sideways = columns != 0;
    const int lines = sideways ? m_scatter->columns : m_scatter->rows;
    const int across = sideways ? m_scatter->rows : m_scatter->columns;
    const int step = sideways ? columns : rows;
    const int from = sideways ? cell.first : cell.second, beside = sideways ? cell.second : cell.first;
    for (int line = from + step; line >= 0 && line < lines; line += step) {
        for (int away = 0; away < across; ++away) {
            for (const int place : {beside - away, beside + away}) {
                if (place < 0 || place >= across)
                    continue;
                const Cell candidate = sideways ? Cell(line, place) : Cell(place, line);
                if (m_scatter->at(candidate.first, candidate.second).count > 0)
                    return candidate;
            }
        }
    }
    return std::nullopt;
}

bool TraceScatterCanvas::stepKey(int key, bool select)
{
    const int columns = key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
    const int rows = key == Qt::Key_Up ? 1 : key == Qt::Key_Down ? -1 : 0;
    if (columns == 0 && rows == 0)
        return false;
    const Cell from = m_cursor.value_or(Cell(columns < 0 ? m_scatter->columns : -1,
        rows == 0      ? m_scatter->rows / 2
            : rows < 0 ? m_scatter->rows
                       : -1));
    const bool isSideways = columns != 0;
    const auto next = m_cursor || isSideways ? stepFrom(from, columns, rows)
                                             : stepFrom(Cell(m_scatter->columns / 2, from.second), 0, rows);
    if (!next)
        return true;
    if (select) {
        m_anchor = m_anchor ? m_anchor : m_cursor ? m_cursor : next;
        m_focusEnd = next;
    } else {
        m_anchor.reset();
        m_focusEnd.reset();
    }
    setCursor(next);
    update();
    return true;
}

void TraceScatterCanvas::keyPressEvent(QKeyEvent *event)
{
    if (isEmpty()) {
        if (event->key() == Qt::Key_Backspace)
            Q_EMIT areaCleared();
        else
            QWidget::keyPressEvent(event);
        return;
    }
    if (stepKey(event->key(), event->modifiers() & Qt::ShiftModifier))
        return;
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const auto area = selection())
            Q_EMIT areaSelected(*area);
        else if (m_cursor)
            Q_EMIT traceActivated(idOf(*m_cursor));
        break;
    case Qt::Key_Space:
        if (m_cursor)
            Q_EMIT traceChosen(idOf(*m_cursor));
        break;
    case Qt::Key_Escape:
        m_anchor.reset();
        m_focusEnd.reset();
        setCursor(std::nullopt);
        update();
        break;
    case Qt::Key_Backspace:
        Q_EMIT areaCleared();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace tailscope::widgets
