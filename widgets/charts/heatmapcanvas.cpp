// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/heatmapcanvas.h"

#include "base/text.h"
#include "widgets/base/theme.h"
#include "widgets/charts/labelstack.h"
#include "widgets/charts/legend.h"
#include "widgets/charts/plotscale.h"
#include "widgets/charts/readout.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::widgets {

namespace {

constexpr int kRightMargin = 14; // as the plots below have it
constexpr int kScaleWidth = 70;
constexpr int kMaxMarkerLabels = 60; // more would be a wall of text

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

HeatMapCanvas::HeatMapCanvas(const session::SessionContext *context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Heat map of spans over time and duration"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(context, &session::SessionContext::timeDisplayChanged, this, qOverload<>(&QWidget::update));
}

QSize HeatMapCanvas::minimumSizeHint() const { return {220, fontMetrics().height() * 7}; }

void HeatMapCanvas::setBins(std::shared_ptr<const analysis::TimeBins> bins, HeatRows rows)
{
    m_bins = std::move(bins);
    m_rows = std::move(rows);
    m_bin = m_row = -1;
    clearSelection();
    buildImage();
    layOut();
    update();
}

void HeatMapCanvas::setMarkers(const QList<session::Marker> &markers)
{
    m_markers = markers;
    layOut();
    update();
}

void HeatMapCanvas::setLeftMargin(int pixels)
{
    if (m_leftMargin == pixels)
        return;
    m_leftMargin = pixels;
    layOut();
    update();
}

int HeatMapCanvas::wantedLeftMargin() const
{
    const QFontMetrics metrics(font());
    int widest = metrics.horizontalAdvance(QStringLiteral("000 ms"));
    for (const ValueTick &tick : spreadDurationTicks(double(m_axis.low()), double(m_axis.high()), 12, true))
        widest = std::max(widest, metrics.horizontalAdvance(tick.label));
    const QString largest
        = countTicks(double(m_largestBin), double(m_largestBin) * 11 + 1, 10).value(0).label;
    return std::max(widest, metrics.horizontalAdvance(largest)) + 14;
}

void HeatMapCanvas::buildImage()
{
    m_image = {};
    m_largest = 0;
    m_largestBin = 0;
    m_axis = DurationAxis(1, 10, true);
    if (isEmpty())
        return;
    for (const analysis::TimeBins::Bin &bin : m_bins->bins)
        m_largestBin = std::max(m_largestBin, bin.count);
    // Equal durations make one band in the middle.
    const bool flat = m_bins->high <= m_bins->low;
    m_axis = flat ? DurationAxis(Nanos(double(m_bins->low) / 1.4),
                 Nanos(std::ceil(double(m_bins->high) * 1.4)) + 1, true)
                  : DurationAxis(m_bins->low, m_bins->high, true);
    if (m_bins->rows <= 0)
        return;
    const int bins = int(m_bins->bins.size()), rows = m_bins->rows;
    for (int bin = 0; bin < bins; ++bin) {
        for (int row = 0; row < rows; ++row)
            m_largest = std::max(m_largest, cellCount(bin, row));
    }
    const Theme theme(palette());
    m_image = QImage(bins, rows, QImage::Format_ARGB32_Premultiplied);
    m_image.fill(Qt::transparent);
    const double full = std::log1p(double(m_largest));
    for (int bin = 0; bin < bins; ++bin) {
        for (int row = 0; row < rows; ++row) {
            const std::int64_t count = cellCount(bin, row);
            if (count > 0)
                m_image.setPixelColor(bin, rows - 1 - row, theme.heat(std::log1p(double(count)) / full));
        }
    }
}

void HeatMapCanvas::layOut()
{
    const QFontMetrics metrics(font());
    const int left = std::max(m_leftMargin, wantedLeftMargin());
    const int right = std::max(left + 10, width() - kRightMargin);
    int top = legendHeight(metrics) + 2;
    // The full date of the left edge needs a line of its own.
    top += height() > metrics.height() * 16 ? 2 * metrics.height() + 10 : metrics.height() + 8;
    m_markerTop = top;
    const bool anyMarker = !isEmpty()
        && std::any_of(m_markers.cbegin(), m_markers.cend(),
            [this](const auto &marker) { return m_bins->range.contains(marker.tsNs); });
    if (anyMarker)
        top += stackedRowHeight(metrics);
    const int bottom = std::max(top + 20, height() - 4);
    const int counts = std::clamp((bottom - top) / 5, 14, 60);
    m_heat = QRect(QPoint(left, top), QPoint(right, bottom - counts - 6));
    m_counts = QRect(QPoint(left, m_heat.bottom() + 6), QPoint(right, bottom));
}

TimeScale HeatMapCanvas::scale() const
{
    return {m_bins->range, double(m_heat.left()), double(m_heat.width())};
}

Nanos HeatMapCanvas::binBegin(int bin) const
{
    Nanos offset = 0;
    if (__builtin_mul_overflow(m_bins->binNs, Nanos(bin), &offset))
        offset = std::numeric_limits<Nanos>::max();
    return saturatingAdd(m_bins->range.begin, offset);
}

int HeatMapCanvas::binAt(double x) const
{
    const double offset = double(saturatingSub(scale().toTime(x), m_bins->range.begin));
    return std::clamp(int(offset / double(std::max<Nanos>(1, m_bins->binNs))), 0,
        int(m_bins->bins.size()) - 1);
}

double HeatMapCanvas::yOf(double ns) const
{
    return m_heat.bottom() + 1 - m_axis.place(ns) * m_heat.height();
}

std::pair<double, double> HeatMapCanvas::rowBounds(int row) const
{
    const double low = double(m_bins->low), high = double(m_bins->high);
    if (high <= low)
        return {low, high};
    const double ratio = std::log(high / low) / m_bins->rows;
    return {low * std::exp(ratio * row), low * std::exp(ratio * (row + 1))};
}

std::pair<Nanos, Nanos> HeatMapCanvas::rowLimits(int row) const
{
    if (std::size_t(row) + 1 < m_rows.edges.size())
        return {m_rows.edges[std::size_t(row)], m_rows.edges[std::size_t(row) + 1]};
    const auto [low, high] = rowBounds(row);
    return {Nanos(std::llround(low)), Nanos(std::llround(high))};
}

std::int64_t HeatMapCanvas::cellCount(int bin, int row) const
{
    const std::size_t cell = std::size_t(bin) * std::size_t(m_bins->rows) + std::size_t(row);
    if (cell < m_rows.counts.size())
        return m_rows.counts[cell];
    return cell < m_bins->heat.size() ? m_bins->heat[cell] : 0;
}

QRectF HeatMapCanvas::selectionRect() const
{
    const auto chosen = selection();
    if (!chosen)
        return {};
    const TimeScale time = scale();
    const double left = std::max(time.toX(chosen->begin), double(m_heat.left()));
    const double right = std::min(time.toX(chosen->end), double(m_heat.right()));
    double top = m_heat.top(), bottom = m_counts.bottom();
    if (m_rowAnchor >= 0) {
        const auto [first, last] = std::minmax(m_rowAnchor, m_rowEnd);
        top = yOf(rowBounds(last).second);
        bottom = yOf(rowBounds(first).first);
    }
    return {left, top, right - left, bottom - top};
}

int HeatMapCanvas::rowAt(double y) const
{
    if (m_bins->high <= m_bins->low)
        return m_bins->rows - 1;
    const double share = (m_heat.bottom() + 1 - y) / std::max(1, m_heat.height());
    return std::clamp(int(share * m_bins->rows), 0, m_bins->rows - 1);
}

void HeatMapCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    painter.setFont(font());
    if (isEmpty() || m_largestBin == 0)
        return;
    const QRect header(8, 1, width() - 16, legendHeight(painter.fontMetrics()));
    const int from = paintLegend(painter, header, tr("Spans by start and duration"), {}, theme);
    paintScale(painter, theme, from);
    paintAxes(painter, theme);
    painter.save();
    painter.setClipRect(m_heat);
    const double end = scale().toX(binBegin(int(m_bins->bins.size())));
    QRectF target(m_heat.left(), m_heat.top(), end - m_heat.left(), m_heat.height());
    if (m_bins->high <= m_bins->low) {
        // All in the uppermost row: drawn where its duration is.
        const double y = yOf(double(m_bins->low));
        const double half = std::max(3.0, m_heat.height() * 0.06);
        painter.drawImage(QRectF(target.left(), y - half, target.width(), 2 * half), m_image,
            QRectF(0, 0, m_image.width(), 1));
    } else {
        painter.drawImage(target, m_image);
    }
    painter.restore();
    paintCounts(painter, theme);
    paintMarkers(painter, theme);
    paintCursor(painter, theme);
}

void HeatMapCanvas::paintScale(QPainter &painter, const Theme &theme, int from) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    const QString most = tr("%1 spans a cell").arg(fromUtf8(groupedCount(m_largest)));
    const int wanted
        = kScaleWidth + metrics.horizontalAdvance(most) + metrics.horizontalAdvance(QLatin1Char('1')) + 20;
    const int left = width() - kRightMargin - wanted;
    if (left < from || m_largest == 0)
        return;
    const int middle = 1 + legendHeight(metrics) / 2;
    painter.setPen(theme.text());
    const QRect line(left, 1, wanted, legendHeight(metrics));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("1"));
    const int bar = left + metrics.horizontalAdvance(QLatin1Char('1')) + 6;
    for (int i = 0; i < kScaleWidth; ++i)
        painter.fillRect(bar + i, middle - 4, 1, 9, theme.heat((i + 1) / double(kScaleWidth)));
    painter.drawText(QRect(bar + kScaleWidth + 6, 1, wanted, legendHeight(metrics)),
        Qt::AlignLeft | Qt::AlignVCenter, most);
}

void HeatMapCanvas::paintAxes(QPainter &painter, const Theme &theme) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    const int headerBottom = legendHeight(metrics) + 2;
    paintTimeAxis(painter, QRect(m_heat.left(), headerBottom, m_heat.width(), m_markerTop - headerBottom),
        scale(), *m_context);
    const int most = std::max(2, m_heat.height() / (metrics.height() * 2));
    for (const ValueTick &tick :
        spreadDurationTicks(double(m_axis.low()), double(m_axis.high()), most, true)) {
        const int y = int(std::lround(yOf(tick.value)));
        painter.setPen(theme.grid());
        painter.drawLine(m_heat.left(), y, m_heat.right(), y);
        painter.setPen(theme.text());
        painter.drawText(QRect(0, y - metrics.height() / 2, m_heat.left() - 6, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    painter.setPen(theme.axis());
    painter.drawLine(m_heat.bottomLeft() + QPoint(0, 1), m_heat.bottomRight() + QPoint(0, 1));
}

void HeatMapCanvas::paintCounts(QPainter &painter, const Theme &theme) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    const TimeScale time = scale();
    for (std::size_t i = 0; i < m_bins->bins.size(); ++i) {
        const analysis::TimeBins::Bin &bin = m_bins->bins[i];
        if (bin.count == 0)
            continue;
        const int left = int(std::lround(time.toX(binBegin(int(i)))));
        const int right = std::max(left + 1, int(std::lround(time.toX(binBegin(int(i) + 1)))));
        const double unit = double(m_counts.height()) / double(m_largestBin);
        const int height = std::max(1, int(std::lround(double(bin.count) * unit)));
        const int errors = bin.errors > 0 ? std::max(1, int(std::lround(double(bin.errors) * unit))) : 0;
        const int edge = std::min(right, m_counts.right() + 1);
        const bool few = bin.tooFewForP99;
        const QRect bar(left, m_counts.bottom() + 1 - height, edge - left, height);
        if (few && bar.width() > 2 && bar.height() > 2) {
            painter.setPen(theme.axis());
            painter.drawRect(bar.adjusted(0, 0, -1, -1));
        } else {
            painter.fillRect(bar, few ? theme.axis() : theme.series(0));
        }
        painter.fillRect(QRect(left, m_counts.bottom() + 1 - errors, edge - left, errors), theme.critical());
    }
    painter.setPen(theme.axis());
    painter.drawLine(m_counts.bottomLeft() + QPoint(0, 1), m_counts.bottomRight() + QPoint(0, 1));
    // The strip is named by its largest count.
    const QString label = countTicks(double(m_largestBin), double(m_largestBin) * 11, 10).value(0).label;
    painter.setPen(theme.text());
    painter.drawText(QRect(0, m_counts.top() - 2, m_counts.left() - 6, metrics.height()),
        Qt::AlignRight | Qt::AlignTop, label);
    if (m_counts.height() > 2 * metrics.height())
        painter.drawText(QRect(0, m_counts.bottom() - metrics.height(), m_counts.left() - 6,
                             metrics.height()),
            Qt::AlignRight | Qt::AlignBottom, tr("n"));
}

void HeatMapCanvas::paintMarkers(QPainter &painter, const Theme &theme) const
{
    const TimeScale time = scale();
    QVector<StackedLabel> labels;
    int lastX = -10;
    for (const session::Marker &marker : m_markers) {
        if (!m_bins->range.contains(marker.tsNs))
            continue;
        const double x = time.toX(marker.tsNs);
        if (marker.endNs && *marker.endNs > marker.tsNs) {
            QColor band = theme.warning();
            band.setAlpha(36);
            const double end = std::min(time.toX(*marker.endNs), double(m_heat.right()));
            painter.fillRect(QRectF(x, m_heat.top(), end - x, m_heat.height()), band);
        }
        // Two lines on one pixel are one.
        if (int(x) == lastX)
            continue;
        lastX = int(x);
        const QString title = labels.size() < kMaxMarkerLabels
            ? (marker.title.isEmpty() ? marker.kind : marker.title)
            : QString();
        labels.append({x, title, false});
    }
    stackLabels(labels, m_heat.left(), m_heat.right(), 1, painter.fontMetrics());
    paintStackedLabels(painter, labels, m_markerTop, m_counts.bottom(), theme);
}

void HeatMapCanvas::paintCursor(QPainter &painter, const Theme &theme) const
{
    const TimeScale time = scale();
    const QRect both(m_heat.topLeft(), m_counts.bottomRight());
    if (const QRectF chosen = selectionRect(); !chosen.isNull()) {
        painter.fillRect(chosen, theme.selection());
        painter.setPen(theme.selectionBorder());
        painter.drawLine(chosen.topLeft(), chosen.bottomLeft());
        painter.drawLine(chosen.topRight(), chosen.bottomRight());
        if (m_rowAnchor >= 0) {
            painter.drawLine(chosen.topLeft(), chosen.topRight());
            painter.drawLine(chosen.bottomLeft(), chosen.bottomRight());
        }
    }
    if (m_foreign && m_bin < 0) {
        const int x = int(std::lround(time.toX(*m_foreign)));
        painter.setPen(QPen(theme.text(), 1, Qt::DotLine));
        painter.drawLine(x, both.top(), x, both.bottom());
    }
    if (m_bin >= 0) {
        const double left = time.toX(binBegin(m_bin)), right = time.toX(binBegin(m_bin + 1));
        painter.fillRect(QRectF(left, both.top(), std::max(1.0, right - left), both.height()), theme.hover());
        if (m_row >= 0 && m_bins->high > m_bins->low) {
            const auto [low, high] = rowBounds(m_row);
            painter.setPen(theme.text());
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(
                QRectF(left, yOf(high), std::max(2.0, right - left), std::max(2.0, yOf(low) - yOf(high))));
        }
        if (hasFocus() || underMouse())
            paintReadout(painter, both, QPoint(int((left + right) / 2), m_heat.center().y()), readoutLines(),
                theme);
    }
    if (hasFocus()) {
        painter.setPen(theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void HeatMapCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void HeatMapCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        buildImage();
        layOut();
        update();
    }
}

} // namespace tailscope::widgets
