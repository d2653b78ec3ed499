// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/histogramcanvas.h"

#include "base/text.h"
#include "widgets/base/theme.h"
#include "widgets/charts/legend.h"
#include "widgets/charts/plotscale.h"
#include "widgets/charts/readout.h"

#include <QEvent>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kOverflowWidth = 34;
constexpr int kLeastBar = 2; // pixels: a bar with one span must be seen beside one with millions

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Where a linear axis ends: past P99.9 (or the highest percentile that the sample supports).
Nanos clipOf(const analysis::DurationStats &stats)
{
    for (std::size_t i = stats.figures.size(); i-- > 2;) {
        const analysis::PercentileFigure &figure = stats.figures[i];
        if (figure.value != kUnknownNanos && !figure.tooFewSamples)
            return saturatingAdd(figure.value, figure.value / 2);
    }
    return kUnknownNanos;
}

} // namespace

HistogramCanvas::HistogramCanvas(QWidget *parent)
    : QWidget(parent)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Histogram of durations"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize HistogramCanvas::minimumSizeHint() const { return {220, fontMetrics().height() * 8}; }

void HistogramCanvas::setStats(std::shared_ptr<const analysis::DurationStats> stats, bool self)
{
    m_stats = std::move(stats);
    m_self = self;
    setAccessibleName(self ? tr("Histogram of self times") : tr("Histogram of durations"));
    m_cursor = m_mark = -1;
    clearSelection();
    relayOut();
}

void HistogramCanvas::setOverlays(std::vector<Overlay> overlays)
{
    m_overlays = std::move(overlays);
    relayOut();
}

void HistogramCanvas::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    m_cursor = m_mark = -1;
    clearSelection();
    relayOut();
}

void HistogramCanvas::setSquareRoot(bool squareRoot)
{
    m_squareRoot = squareRoot;
    relayOut();
}

void HistogramCanvas::setIntervals(bool intervals)
{
    m_intervals = intervals;
    update();
}

void HistogramCanvas::relayOut()
{
    m_layout = {};
    m_marks.clear();
    m_labels.clear();
    m_overlayCounts.clear();
    m_countTicks.clear();
    m_overflowWidth = 0;
    update();
    if (!m_stats || m_stats->count == 0)
        return;
    const QFontMetrics metrics(font());
    // The bars depend on the width, the width on the count labels, those on the bars: the widest label is
    // known first.
    const CountAxis widest(m_stats->count, false);
    int left = metrics.horizontalAdvance(QStringLiteral("0000"));
    for (const ValueTick &tick : widest.ticks(200, metrics))
        left = std::max(left, metrics.horizontalAdvance(tick.label));
    left += 12;
    const int right = std::max(left + 20, width() - 12);
    m_layout = layOutHistogram(m_stats->histogram, m_stats->min, m_stats->max,
        m_logarithmic ? kUnknownNanos : clipOf(*m_stats), m_logarithmic, right - left);
    m_overflowWidth = m_layout.hasOverflow ? kOverflowWidth : 0;
    m_counts = CountAxis(m_layout.highest, m_squareRoot);
    for (const Overlay &overlay : m_overlays)
        m_overlayCounts.push_back(countsInBars(*overlay.histogram, m_layout.bars));
    const int header = legendHeight(metrics) + 2;
    m_plot = QRect(left, header, right - left, std::max(10, height() - header - metrics.height() - 12));
    layOutMarks(left, right);
    m_countTicks = m_counts.ticks(m_plot.height(), metrics);
    m_cursor = std::min(m_cursor, int(m_layout.bars.size()) - 1);
}

void HistogramCanvas::layOutMarks(int left, int right)
{
    const QFontMetrics metrics(font());
    m_marks = histogramMarks(*m_stats);
    // The mean of a long tail may lie right of what a linear axis shows; it keeps its place among the marks.
    for (const HistogramMark &mark : std::as_const(m_marks))
        m_labels.append({std::min(xOf(mark.value), double(right)), mark.label, mark.weak || mark.isMean});
    const int rowHeight = stackedRowHeight(metrics);
    const int maxRows = std::clamp((m_plot.height() - 60) / rowHeight, 1, 6);
    m_labelTop = m_plot.top();
    const int rows = stackLabels(m_labels, left, right, maxRows, metrics);
    m_plot.setTop(m_plot.top() + rows * rowHeight + 2);
}

double HistogramCanvas::xOf(double ns) const
{
    const double inner = m_plot.width() - m_overflowWidth;
    const double place = m_layout.axis.place(ns);
    if (m_layout.hasOverflow && place > 1)
        return m_plot.left() + inner + m_overflowWidth / 2.0;
    return m_plot.left() + std::clamp(place, 0.0, 1.0) * inner;
}

QRectF HistogramCanvas::barRect(std::size_t bar) const
{
    const HistogramBar &item = m_layout.bars[bar];
    double left = xOf(double(item.low)), right = item.overflow ? 0 : xOf(double(item.high));
    if (item.overflow) {
        left = m_plot.right() - m_overflowWidth + 7;
        right = m_plot.right() + 1;
    }
    double height = m_counts.place(double(item.count)) * m_plot.height();
    if (item.count > 0)
        height = std::max(height, double(kLeastBar));
    return QRectF(QPointF(left, m_plot.bottom() + 1 - height), QPointF(right, m_plot.bottom() + 1));
}

int HistogramCanvas::barAt(double x) const
{
    int best = -1;
    for (std::size_t i = 0; i < m_layout.bars.size(); ++i) {
        const QRectF rect = barRect(i);
        if (best < 0 || x >= rect.left())
            best = int(i);
    }
    return best;
}

std::optional<HistogramMark> HistogramCanvas::markUnder(const QPoint &place) const
{
    const int mark = markAt(place);
    return mark < 0 || m_marks[mark].isMean ? std::nullopt : std::optional(m_marks[mark]);
}

int HistogramCanvas::markAt(const QPoint &place) const
{
    const int rowHeight = stackedRowHeight(fontMetrics());
    for (int i = 0; i < m_labels.size(); ++i) {
        const StackedLabel &label = m_labels[i];
        if (label.row >= 0
            && QRect(label.left, m_labelTop + label.row * rowHeight, label.width, rowHeight).contains(place))
            return i;
    }
    for (int i = 0; i < m_labels.size(); ++i) {
        if (std::abs(m_labels[i].x - place.x()) <= 2 && place.y() >= m_labelTop
            && place.y() <= m_plot.bottom())
            return i;
    }
    return -1;
}

void HistogramCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    painter.setFont(font());
    if (m_layout.bars.empty())
        return;
    QVector<LegendEntry> entries;
    for (const Overlay &overlay : m_overlays)
        entries.append(
            {LegendEntry::Mark::Box, overlay.title, theme.series(overlay.colorIndex), Qt::SolidLine});
    const QString title = m_self ? tr("Spans by self time") : tr("Spans by duration");
    paintLegend(painter, QRect(8, 1, width() - 16, legendHeight(painter.fontMetrics())), title, entries,
        theme);
    paintAxes(painter, theme);
    paintIntervals(painter, theme);
    paintBars(painter, theme);
    paintOverlays(painter, theme);
    paintStackedLabels(painter, m_labels, m_labelTop, m_plot.bottom(), theme);
    paintCursor(painter, theme);
}

void HistogramCanvas::paintAxes(QPainter &painter, const Theme &theme) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    for (const ValueTick &tick : m_countTicks) {
        const int y = int(std::lround(m_plot.bottom() + 1 - m_counts.place(tick.value) * m_plot.height()));
        painter.setPen(theme.grid());
        painter.drawLine(m_plot.left(), y, m_plot.right(), y);
        painter.setPen(theme.text());
        painter.drawText(QRect(0, y - metrics.height() / 2, m_plot.left() - 6, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    painter.setPen(theme.axis());
    const int baseline = m_plot.bottom() + 1;
    painter.drawLine(m_plot.left(), baseline, m_plot.right() - m_overflowWidth, baseline);
    const int labelTop = baseline + 6;
    int limit = width();
    if (m_layout.hasOverflow) {
        painter.drawLine(m_plot.right() - m_overflowWidth + 6, baseline, m_plot.right(), baseline);
        const QString text = QStringLiteral("≥ ") + fromUtf8(humanDuration(m_layout.bars.back().low));
        const int textWidth = metrics.horizontalAdvance(text);
        limit = width() - 4 - textWidth;
        painter.setPen(theme.text());
        painter.drawText(limit, labelTop + metrics.ascent(), text);
        limit -= 10;
    }
    const double low = std::max(m_layout.axis.isLogarithmic() ? 1.0 : 0.0, double(m_layout.axis.low()));
    const int most
        = std::max(2, m_plot.width() / (metrics.horizontalAdvance(QStringLiteral("000.00 ms")) + 16));
    int freeFrom = 0;
    for (const ValueTick &tick :
        spreadDurationTicks(low, double(m_layout.axis.high()), most, m_layout.axis.isLogarithmic())) {
        const int x = int(std::lround(xOf(tick.value)));
        const int width = metrics.horizontalAdvance(tick.label);
        const int left = std::max(0, std::min(x - width / 2, limit - width));
        if (left < freeFrom || (m_layout.hasOverflow && x + width / 2 > limit))
            continue;
        painter.setPen(theme.axis());
        painter.drawLine(x, baseline, x, baseline + 4);
        painter.setPen(theme.text());
        painter.drawText(left, labelTop + metrics.ascent(), tick.label);
        freeFrom = left + width + 10;
    }
}

void HistogramCanvas::paintBars(QPainter &painter, const Theme &theme) const
{
    QColor fill = theme.series(0);
    fill.setAlpha(m_overlays.empty() ? 215 : 110);
    for (std::size_t i = 0; i < m_layout.bars.size(); ++i) {
        if (m_layout.bars[i].count == 0)
            continue;
        // On whole pixels, so that neighbours neither overlap nor leave hairlines; with a gap where there is
        // room.
        const QRectF place = barRect(i);
        const int left = int(std::lround(place.left()));
        const int right = std::max(left + 1, int(std::lround(place.right())) - (place.width() >= 5 ? 1 : 0));
        const QRect bar(left, int(std::floor(place.top())), right - left, int(std::ceil(place.height())));
        painter.fillRect(bar, fill);
        if (m_layout.bars[i].overflow)
            painter.fillRect(bar, QBrush(theme.background(), Qt::BDiagPattern));
    }
}

void HistogramCanvas::paintOverlays(QPainter &painter, const Theme &theme) const
{
    painter.save();
    for (std::size_t k = 0; k < m_overlays.size(); ++k) {
        const QColor color = theme.series(m_overlays[k].colorIndex);
        QColor fill = color;
        fill.setAlpha(m_overlays.size() == 1 ? 110 : 46);
        QPolygon outline;
        for (std::size_t i = 0; i < m_layout.bars.size(); ++i) {
            const QRectF place = barRect(i);
            const double count = double(m_overlayCounts[k][i]);
            double height = m_counts.place(count) * m_plot.height();
            if (count > 0)
                height = std::max(height, double(kLeastBar));
            const int left = int(std::lround(place.left())), right = int(std::lround(place.right()));
            const int top = int(std::lround(m_plot.bottom() + 1 - height));
            if (count > 0)
                painter.fillRect(QRect(left, top, std::max(1, right - left), m_plot.bottom() + 1 - top),
                    fill);
            outline << QPoint(left, top) << QPoint(right, top);
        }
        painter.setPen(QPen(color, 1.6));
        painter.drawPolyline(outline);
    }
    painter.restore();
}

void HistogramCanvas::paintIntervals(QPainter &painter, const Theme &theme) const
{
    for (int i = 0; i < m_marks.size(); ++i) {
        const HistogramMark &mark = m_marks[i];
        if (!mark.hasInterval || !(m_intervals || i == m_mark))
            continue;
        const double left = mark.lower ? xOf(*mark.lower) : m_plot.left();
        const double right = mark.upper ? xOf(*mark.upper) : m_plot.right();
        QColor fill = theme.series(i % 2 == 0 ? 5 : 3);
        fill.setAlpha(i == m_mark ? 120 : 70);
        const QRectF band(left, m_plot.top(), std::max(2.0, right - left), m_plot.height() + 1);
        painter.fillRect(band, fill);
        // Without an upper bound the band has no end: stripes instead of an edge.
        if (!mark.upper)
            painter.fillRect(band, QBrush(theme.background(), Qt::DiagCrossPattern));
    }
}

void HistogramCanvas::paintCursor(QPainter &painter, const Theme &theme) const
{
    if (m_anchor >= 0 && m_focusEnd >= 0) {
        const auto [first, last] = std::minmax(m_anchor, m_focusEnd);
        const double left = barRect(std::size_t(first)).left(), right = barRect(std::size_t(last)).right();
        painter.fillRect(QRectF(left, m_plot.top(), right - left, m_plot.height() + 1), theme.selection());
        painter.setPen(theme.selectionBorder());
        painter.drawLine(QPointF(left, m_plot.top()), QPointF(left, m_plot.bottom()));
        painter.drawLine(QPointF(right, m_plot.top()), QPointF(right, m_plot.bottom()));
    }
    if (m_cursor >= 0 && m_mark < 0) {
        const QRectF bar = barRect(std::size_t(m_cursor));
        painter.fillRect(QRectF(bar.left(), m_plot.top(), std::max(1.0, bar.width()), m_plot.height() + 1),
            theme.hover());
    }
    if ((m_cursor >= 0 || m_mark >= 0) && (hasFocus() || underMouse())) {
        const double x = m_mark >= 0 ? m_labels[m_mark].x : barRect(std::size_t(m_cursor)).center().x();
        const QRect area(m_plot.left(), 2, m_plot.width(), m_plot.bottom() - 2);
        paintReadout(painter, area, QPoint(int(x), m_plot.center().y()), readoutLines(), theme);
    }
    if (hasFocus()) {
        painter.setPen(theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void HistogramCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    // The bars depend on the width alone. Height goes to a longer caption above, which the selection itself
    // may cause.
    if (event->size().width() != event->oldSize().width())
        clearSelection();
    relayOut();
}

void HistogramCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        clearSelection();
        relayOut();
    }
}

} // namespace tailscope::widgets
