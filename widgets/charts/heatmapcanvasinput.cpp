// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and readout of the heat map.
#include "widgets/charts/heatmapcanvas.h"

#include "base/text.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

QStringList HeatMapCanvas::readoutLines() const
{
    if (isEmpty() || m_bin < 0)
        return {};
    const analysis::TimeBins::Bin &bin = m_bins->bins[std::size_t(m_bin)];
    QStringList lines{m_context->timeText(binBegin(m_bin)),
        tr("%1 long: %2 spans, %3 errors")
            .arg(fromUtf8(humanDuration(m_bins->binNs)), fromUtf8(groupedCount(bin.count)),
                fromUtf8(groupedCount(bin.errors)))};
    if (bin.p50 != kUnknownNanos) {
        QString figures = QStringLiteral("P50 %1 · P95 %2 · P99 %3")
                              .arg(fromUtf8(humanDuration(bin.p50)), fromUtf8(humanDuration(bin.p95)),
                                  fromUtf8(humanDuration(bin.p99)));
        if (bin.tooFewForP99)
            figures += QLatin1Char(' ')
                + (bin.tooFewForP95 ? tr("(n too small for P95 and P99)") : tr("(n too small for P99)"));
        lines << figures;
    }
    if (m_row >= 0) {
        const auto [low, high] = rowLimits(m_row);
        lines << tr("%1 to %2: %3 spans")
                     .arg(fromUtf8(humanDuration(low)), fromUtf8(humanDuration(high)),
                         fromUtf8(groupedCount(cellCount(m_bin, m_row))));
    }
    for (const session::Marker &marker : m_markers) {
        if (marker.tsNs >= binBegin(m_bin) && marker.tsNs < binBegin(m_bin + 1))
            lines << (marker.title.isEmpty() ? marker.kind
                                             : QStringLiteral("%1: %2").arg(marker.kind, marker.title));
        if (lines.size() > 8)
            break;
    }
    return lines;
}

QString HeatMapCanvas::accessibleValue() const { return readoutLines().join(QStringLiteral(", ")); }

std::optional<TimeRange> HeatMapCanvas::selection() const
{
    if (isEmpty() || m_anchor < 0 || m_focusEnd < 0)
        return std::nullopt;
    const auto [first, last] = std::minmax(m_anchor, m_focusEnd);
    return TimeRange{binBegin(first), std::min(binBegin(last + 1), m_bins->range.end)};
}

std::optional<std::pair<Nanos, Nanos>> HeatMapCanvas::selectedDurations() const
{
    if (isEmpty() || m_anchor < 0 || m_rowAnchor < 0 || m_rowEnd < 0)
        return std::nullopt;
    const auto [first, last] = std::minmax(m_rowAnchor, m_rowEnd);
    return std::pair(rowLimits(first).first, rowLimits(last).second);
}

QString HeatMapCanvas::toText() const
{
    QStringList lines{QStringLiteral("begin_ns\tspans\terrors\tp50_ns\tp95_ns\tp99_ns")};
    for (int i = 0; !isEmpty() && i < int(m_bins->bins.size()); ++i) {
        const analysis::TimeBins::Bin &bin = m_bins->bins[std::size_t(i)];
        QStringList cells{QString::number(binBegin(i)), QString::number(bin.count),
            QString::number(bin.errors)};
        for (const Nanos value : {bin.p50, bin.p95, bin.p99})
            cells << (value == kUnknownNanos ? QString() : QString::number(value));
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

void HeatMapCanvas::setCursorTime(std::optional<Nanos> time)
{
    if (m_foreign == time)
        return;
    m_foreign = time;
    update();
}

void HeatMapCanvas::setCursor(int bin, int row)
{
    if (bin == m_bin && row == m_row)
        return;
    m_bin = bin;
    m_row = row;
    update();
    Q_EMIT cursorMoved(
        bin < 0 ? std::nullopt : std::optional<Nanos>(saturatingAdd(binBegin(bin), m_bins->binNs / 2)));
    Q_EMIT readoutChanged(accessibleValue());
    announceValue(this, accessibleValue());
}

void HeatMapCanvas::clearSelection()
{
    const bool had = m_anchor >= 0;
    m_anchor = m_focusEnd = m_rowAnchor = m_rowEnd = -1;
    m_pressX.reset();
    m_dragging = false;
    if (had) {
        update();
        Q_EMIT selectionChanged();
    }
}

void HeatMapCanvas::stepCursor(int bins, int rows, bool select)
{
    if (isEmpty())
        return;
    const int last = int(m_bins->bins.size()) - 1;
    const int next = m_bin < 0 ? (bins < 0 ? last : 0) : std::clamp(m_bin + bins, 0, last);
    if (select && bins != 0) {
        if (m_anchor < 0)
            m_anchor = m_bin < 0 ? next : m_bin;
        m_focusEnd = next;
        update();
        Q_EMIT selectionChanged();
    } else if (bins != 0) {
        clearSelection();
    }
    const int row
        = m_row < 0 ? (rows == 0 ? -1 : m_bins->rows / 2) : std::clamp(m_row + rows, 0, m_bins->rows - 1);
    if (select && rows != 0 && m_selectsDurations) {
        if (m_anchor < 0)
            m_anchor = m_focusEnd = next;
        if (m_rowAnchor < 0)
            m_rowAnchor = m_row < 0 ? row : m_row;
        extendRows(row);
    }
    setCursor(next, row);
}

void HeatMapCanvas::extendRows(int row)
{
    if (m_rowEnd == row)
        return;
    m_rowEnd = row;
    update();
    Q_EMIT selectionChanged();
}

void HeatMapCanvas::apply()
{
    if (m_anchor < 0 && m_bin >= 0)
        m_anchor = m_focusEnd = m_bin;
    const auto chosen = selection();
    const auto durations = selectedDurations();
    clearSelection();
    if (chosen && durations)
        Q_EMIT cellsSelected(*chosen, durations->first, durations->second);
    else if (chosen)
        Q_EMIT rangeSelected(*chosen);
}

void HeatMapCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool select = event->modifiers() & Qt::ShiftModifier;
    const int page = event->modifiers() & Qt::ControlModifier ? 10 : 1;
    const int all = isEmpty() ? 0 : int(m_bins->bins.size());
    switch (event->key()) {
    case Qt::Key_Left:
        return stepCursor(-page, 0, select);
    case Qt::Key_Right:
        return stepCursor(page, 0, select);
    case Qt::Key_Up:
        return stepCursor(0, page, select);
    case Qt::Key_Down:
        return stepCursor(0, -page, select);
    case Qt::Key_Home:
        return stepCursor(m_bin < 0 ? 1 : -all, 0, select);
    case Qt::Key_End:
        return stepCursor(m_bin < 0 ? -1 : all, 0, select);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return apply();
    case Qt::Key_Backspace:
        Q_EMIT rangeCleared();
        return;
    case Qt::Key_Escape:
        if (m_anchor >= 0)
            return clearSelection();
        if (m_bin >= 0)
            return setCursor(-1, -1);
        break;
    default:
        break;
    }
    event->ignore();
}

void HeatMapCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || isEmpty())
        return;
    clearSelection();
    m_pressX = event->position().toPoint().x();
    m_pressY = event->position().toPoint().y();
    setCursor(binAt(*m_pressX), rowAt(event->position().y()));
}

void HeatMapCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint place = event->position().toPoint();
    if (isEmpty())
        return;
    if (m_pressX && (event->buttons() & Qt::LeftButton)) {
        // Straight to the side means all durations; so does what begins in the counts below.
        const int least = QApplication::startDragDistance() / 2, down = std::abs(place.y() - m_pressY);
        const bool boxes = m_selectsDurations && m_bins->rows > 0 && m_pressY <= m_heat.bottom();
        if (!m_dragging && std::abs(place.x() - *m_pressX) < least && !(boxes && down >= least))
            return;
        m_dragging = true;
        const int anchor = binAt(*m_pressX), end = binAt(place.x());
        if (anchor != m_anchor || end != m_focusEnd) {
            m_anchor = anchor;
            m_focusEnd = end;
            setCursor(end, -1);
            update();
            Q_EMIT selectionChanged();
        }
        // Once the drag has gone up or down it selects rows, also when it comes back.
        if (boxes && (m_rowAnchor >= 0 || down >= least)) {
            m_rowAnchor = rowAt(m_pressY);
            extendRows(rowAt(place.y()));
        }
        return;
    }
    const bool inside = place.x() >= m_heat.left() && place.x() <= m_heat.right();
    const bool inHeat = inside && m_heat.contains(place);
    setCursor(inside ? binAt(place.x()) : -1, inHeat ? rowAt(place.y()) : -1);
}

void HeatMapCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_pressX)
        return;
    if (m_dragging)
        apply();
    else
        m_pressX.reset();
}

void HeatMapCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        Q_EMIT rangeCleared();
}

void HeatMapCanvas::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    if (!m_dragging && !hasFocus())
        setCursor(-1, -1);
}

} // namespace tailscope::widgets
