// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse, keyboard and readout of the histogram.
#include "widgets/distribution/histogramcanvas.h"

#include "base/text.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace tailscope::widgets {

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString percent(std::int64_t part, std::int64_t whole)
{
    return QStringLiteral("%1 %").arg(
        QString::number(whole > 0 ? 100.0 * double(part) / double(whole) : 0, 'g', 4));
}

} // namespace

QString HistogramCanvas::barText(const HistogramBar &bar) const
{
    if (bar.overflow)
        return QStringLiteral("≥ ") + fromUtf8(exactDuration(bar.low));
    return tr("%1 to below %2").arg(fromUtf8(humanDuration(bar.low)), fromUtf8(humanDuration(bar.high)));
}

QStringList HistogramCanvas::readoutLines() const
{
    if (m_mark >= 0 && m_mark < m_marks.size())
        return m_marks[m_mark].details;
    if (m_cursor < 0 || !m_stats)
        return {};
    const auto index = std::size_t(m_cursor);
    const HistogramBar &bar = m_layout.bars[index];
    std::int64_t before = 0;
    for (std::size_t i = 0; i < index; ++i)
        before += m_layout.bars[i].count;
    const std::int64_t slower = m_stats->histogram.total() - before - bar.count;
    QStringList lines{barText(bar)};
    if (!bar.overflow)
        lines << QStringLiteral("[%1 ns, %2 ns)")
                     .arg(fromUtf8(groupedCount(bar.low)), fromUtf8(groupedCount(bar.high)));
    lines << tr("%1 spans (%2)")
                 .arg(fromUtf8(groupedCount(bar.count)), percent(bar.count, m_stats->histogram.total()))
          << tr("%1 slower (%2)")
                 .arg(fromUtf8(groupedCount(slower)), percent(slower, m_stats->histogram.total()));
    for (std::size_t k = 0; k < m_overlays.size(); ++k)
        lines << QStringLiteral("%1: %2").arg(m_overlays[k].title,
            fromUtf8(groupedCount(m_overlayCounts[k][index])));
    return lines;
}

QString HistogramCanvas::accessibleValue() const { return readoutLines().join(QStringLiteral(", ")); }

std::optional<std::pair<Nanos, Nanos>> HistogramCanvas::selection() const
{
    if (m_anchor < 0 || m_focusEnd < 0)
        return std::nullopt;
    const auto [first, last] = std::minmax(m_anchor, m_focusEnd);
    const HistogramBar &end = m_layout.bars[std::size_t(last)];
    return std::pair(m_layout.bars[std::size_t(first)].low, end.overflow ? kUnknownNanos : end.high);
}

std::int64_t HistogramCanvas::selectedCount() const
{
    std::int64_t count = 0;
    if (m_anchor >= 0 && m_focusEnd >= 0) {
        const auto [first, last] = std::minmax(m_anchor, m_focusEnd);
        for (int i = first; i <= last; ++i)
            count += m_layout.bars[std::size_t(i)].count;
    }
    return count;
}

QString HistogramCanvas::toText() const
{
    QStringList lines;
    QStringList cells{QStringLiteral("low_ns"), QStringLiteral("high_ns"), QStringLiteral("spans")};
    for (const Overlay &overlay : m_overlays)
        cells << overlay.title.simplified();
    lines << cells.join(QLatin1Char('\t'));
    for (std::size_t i = 0; i < m_layout.bars.size(); ++i) {
        const HistogramBar &bar = m_layout.bars[i];
        cells = {QString::number(bar.low), bar.overflow ? QString() : QString::number(bar.high),
            QString::number(bar.count)};
        for (const auto &counts : m_overlayCounts)
            cells << QString::number(counts[i]);
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

void HistogramCanvas::setCursor(int bar, int mark)
{
    if (bar == m_cursor && mark == m_mark)
        return;
    m_cursor = bar;
    m_mark = mark;
    update();
    Q_EMIT readoutChanged(accessibleValue());
    announceValue(this, accessibleValue());
}

void HistogramCanvas::clearSelection()
{
    const bool had = m_anchor >= 0;
    m_anchor = m_focusEnd = -1;
    m_pressX.reset();
    m_dragging = false;
    if (had) {
        update();
        Q_EMIT selectionChanged();
    }
}

void HistogramCanvas::stepCursor(int step, bool select)
{
    if (m_layout.bars.empty())
        return;
    const int last = int(m_layout.bars.size()) - 1;
    const int from = m_cursor;
    const int next = from < 0 ? (step < 0 ? last : 0) : std::clamp(from + step, 0, last);
    if (select) {
        if (m_anchor < 0)
            m_anchor = from < 0 ? next : from;
        m_focusEnd = next;
        update();
        Q_EMIT selectionChanged();
    } else {
        clearSelection();
    }
    setCursor(next, -1);
}

void HistogramCanvas::stepMark(int step)
{
    if (m_marks.isEmpty())
        return;
    const int count = int(m_marks.size());
    setCursor(m_cursor, m_mark < 0 ? (step > 0 ? 0 : count - 1) : std::clamp(m_mark + step, 0, count - 1));
}

void HistogramCanvas::apply()
{
    if (m_anchor < 0 && m_cursor >= 0)
        m_anchor = m_focusEnd = m_cursor;
    const auto chosen = selection();
    clearSelection();
    if (chosen)
        Q_EMIT rangeSelected(chosen->first, chosen->second);
}

void HistogramCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool select = event->modifiers() & Qt::ShiftModifier;
    const int page = event->modifiers() & Qt::ControlModifier ? 10 : 1;
    const int all = int(m_layout.bars.size());
    switch (event->key()) {
    case Qt::Key_Left:
        return stepCursor(-page, select);
    case Qt::Key_Right:
        return stepCursor(page, select);
    case Qt::Key_Home:
        return stepCursor(m_cursor < 0 ? 1 : -all, select);
    case Qt::Key_End:
        return stepCursor(m_cursor < 0 ? -1 : all, select);
    case Qt::Key_Up:
        return stepMark(-1);
    case Qt::Key_Down:
        return stepMark(1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return apply();
    case Qt::Key_Backspace:
        Q_EMIT rangeCleared();
        return;
    case Qt::Key_Escape:
        if (m_anchor >= 0)
            return clearSelection();
        if (m_cursor >= 0 || m_mark >= 0)
            return setCursor(-1, -1);
        break;
    default:
        break;
    }
    event->ignore();
}

void HistogramCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_layout.bars.empty())
        return;
    clearSelection();
    m_pressX = event->position().toPoint().x();
    setCursor(barAt(*m_pressX), -1);
}

void HistogramCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint place = event->position().toPoint();
    if (m_layout.bars.empty())
        return;
    if (m_pressX && (event->buttons() & Qt::LeftButton)) {
        if (!m_dragging && std::abs(place.x() - *m_pressX) < QApplication::startDragDistance() / 2)
            return;
        m_dragging = true;
        const int anchor = barAt(*m_pressX), end = barAt(place.x());
        if (anchor != m_anchor || end != m_focusEnd) {
            m_anchor = anchor;
            m_focusEnd = end;
            setCursor(end, -1);
            update();
            Q_EMIT selectionChanged();
        }
        return;
    }
    const int mark = markAt(place);
    const bool inside = place.x() >= m_plot.left() && place.x() <= m_plot.right();
    setCursor(mark < 0 && inside ? barAt(place.x()) : -1, mark);
}

void HistogramCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_pressX)
        return;
    if (m_dragging)
        apply();
    else
        m_pressX.reset();
}

void HistogramCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        Q_EMIT rangeCleared();
}

void HistogramCanvas::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    if (!m_dragging && !hasFocus())
        setCursor(-1, -1);
}

} // namespace tailscope::widgets
