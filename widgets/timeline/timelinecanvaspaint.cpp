// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of the timeline: a content image that changes with window, rows and data, and an overlay that
// follows pointer, selection and range.
#include "widgets/timeline/timelinecanvas.h"

#include "base/text.h"
#include "widgets/timeline/timelinearrows.h"
#include "widgets/timeline/timelineseries.h"

#include <QPaintEngine>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

void TimelineCanvas::paintEvent(QPaintEvent *event)
{
    // The scale factor changes with the screen, without a resize.
    if (m_frame.dpr != devicePixelRatioF())
        m_isFrameStale = m_isImageStale = true;
    ensureFrame();
    QPainter painter(this);
    const bool isRaster = painter.paintEngine() && painter.paintEngine()->type() == QPaintEngine::Raster;
    if (isRaster) {
        if (m_isImageStale)
            renderImage();
        painter.setClipRect(event->rect());
        painter.drawImage(QPointF(0, 0), m_image);
    } else {
        painter.fillRect(rect(), m_theme.background());
        TimelineSurface surface(&painter);
        paintBackground(surface);
        m_lanePainter.paintBands(surface, m_frame, m_tiles);
        paintContent(painter);
    }
    paintOverlay(painter);
}

void TimelineCanvas::renderImage()
{
    m_isImageStale = false;
    const QSize pixels(int(std::ceil(width() * m_frame.dpr)), int(std::ceil(height() * m_frame.dpr)));
    if (m_image.size() != pixels)
        m_image = QImage(pixels, QImage::Format_RGB32);
    m_image.setDevicePixelRatio(m_frame.dpr);
    m_image.fill(m_theme.background());
    TimelineSurface surface(&m_image, m_frame.dpr);
    paintBackground(surface);
    m_lanePainter.paintBands(surface, m_frame, m_tiles);
    QPainter painter(&m_image);
    painter.setFont(font());
    paintContent(painter);
    m_tiles.endFrame();
}

void TimelineCanvas::paintBackground(TimelineSurface &surface)
{
    const auto pixels = std::size_t(std::max(1.0, std::floor(m_frame.paneWidth * surface.dpr())));
    const std::vector<QRgb> even(pixels, m_theme.background().rgb());
    const std::vector<QRgb> odd(pixels, m_theme.alternate().rgb());
    for (const TimelineRowRef ref : m_frame.visibleRows()) {
        const auto kind = m_frame.row(ref).kind;
        const bool isHeader
            = kind == items::TimelineRow::Kind::Group || kind == items::TimelineRow::Kind::Source;
        const int y = m_frame.yOf(ref);
        surface.band(m_frame.headerWidth, y, y + m_frame.layout.heightOf(ref),
            isHeader || ref.index % 2 != 0 ? odd : even, m_frame.clipOf(ref));
    }
}

void TimelineCanvas::paintContent(QPainter &painter)
{
    const QRect pane = m_frame.pane();
    m_density.paint(painter, m_frame, m_tiles, m_theme);
    paintSeries(painter, m_frame, m_theme);
    m_lanePainter.paintMarks(painter, m_frame);
    painter.setPen(m_theme.grid());
    for (const TimelineRowRef ref : m_frame.visibleRows()) {
        const int bottom = m_frame.yOf(ref) + m_frame.layout.heightOf(ref) - 1;
        if (m_frame.clipOf(ref).contains(pane.left(), bottom))
            painter.drawLine(pane.left(), bottom, pane.right(), bottom);
    }
    const QList<session::Marker> markers = m_session->markers();
    m_markers = placeMarkers(markers, m_frame.scale(), markerRect(), painter.fontMetrics());
    paintMarkers(painter, markers, m_markers, markerRect(), pane, m_theme);
    m_headers.paint(painter, m_frame, m_hover.area == TimelineHit::Area::Header ? m_hover.row : std::nullopt,
        m_focusedHeader, hasFocus());
    painter.fillRect(QRect(0, 0, width(), rulerHeight()), m_theme.background());
    painter.fillRect(QRect(0, rulerHeight(), m_frame.headerWidth, markerHeight()), m_theme.background());
    if (!m_frame.window.isEmpty())
        paintTimeAxis(painter, rulerRect(), m_frame.scale(), *m_context);
    painter.setPen(m_theme.grid());
    painter.drawLine(0, m_frame.layout.top() - 1, width(), m_frame.layout.top() - 1);
}

void TimelineCanvas::paintOverlay(QPainter &painter)
{
    if (m_dragRange)
        paintRange(painter, *m_dragRange, true);
    else if (const auto range = m_context->range())
        paintRange(painter, m_model->toAxis(*range), false);
    if (m_hover.area == TimelineHit::Area::Lane && m_hover.item.row != analysis::kNoRow
        && m_hover.item.count == 1)
        paintSpanOutline(painter, m_hover.item.row, false);
    paintSpanOutline(painter, m_selected, true);
    paintSpanArrows(painter);
    paintCursor(painter);
}

void TimelineCanvas::paintRange(QPainter &painter, TimeRange range, bool isDragged)
{
    const QRect pane = m_frame.pane();
    const TimeScale scale = m_frame.scale();
    const auto pixel = [&](Nanos t) {
        return int(std::lround(std::clamp(scale.toX(t), double(pane.left()) - 2, double(pane.right()) + 2)));
    };
    const int left = pixel(range.begin);
    const int right = std::max(left + 1, pixel(range.end));
    if (right < pane.left() || left > pane.right())
        return;
    painter.save();
    painter.setClipRect(QRect(pane.left(), 0, pane.width(), height()));
    painter.fillRect(QRect(left, 0, right - left, height()), m_theme.selection());
    painter.setPen(m_theme.selectionBorder());
    painter.drawLine(left, 0, left, height());
    painter.drawLine(right, 0, right, height());
    const QString length = QString::fromStdString(humanDuration(range.length()));
    const QString text = isDragged ? length : tr("range %1").arg(length);
    const int advance = painter.fontMetrics().horizontalAdvance(text) + 8;
    if (isDragged || right - left > advance) {
        const int x = std::clamp((left + right - advance) / 2, pane.left(),
            std::max(pane.left(), pane.right() - advance));
        const QRect plate(x, 1, advance, painter.fontMetrics().height() + 2);
        painter.fillRect(plate, m_theme.selectionBorder());
        painter.setPen(m_theme.textOn(m_theme.selectionBorder()));
        painter.drawText(plate, Qt::AlignCenter, text);
    }
    painter.restore();
}

void TimelineCanvas::paintCursor(QPainter &painter)
{
    if (!m_pointer || m_frame.window.isEmpty() || m_pointer->x() < m_frame.headerWidth
        || m_pointer->x() >= m_frame.headerWidth + m_frame.paneWidth)
        return;
    painter.setPen(QPen(m_theme.axis(), 1));
    painter.drawLine(m_pointer->x(), rulerHeight(), m_pointer->x(), height());
    const QString text = m_context->timeText(m_frame.scale().toTime(m_pointer->x()));
    const QFontMetrics metrics = painter.fontMetrics();
    const QRect ruler = rulerRect();
    const int wanted = std::min(metrics.horizontalAdvance(text) + 8, ruler.width());
    const int x = std::clamp(m_pointer->x() - wanted / 2, ruler.left(),
        std::max(ruler.left(), ruler.right() + 1 - wanted));
    const QRect plate(x, ruler.bottom() - metrics.height() - 3, wanted, metrics.height() + 3);
    painter.fillRect(plate, m_theme.text());
    painter.setPen(m_theme.background());
    painter.drawText(plate, Qt::AlignCenter | Qt::TextSingleLine,
        metrics.elidedText(text, Qt::ElideRight, plate.width() - 4));
}

void TimelineCanvas::paintSpanOutline(QPainter &painter, std::uint32_t row, bool isSelected)
{
    const QRect box = spanRect(row);
    const auto place = box.isEmpty() ? std::nullopt : laneOfSpan(row);
    if (!place)
        return;
    painter.save();
    painter.setClipRect(m_frame.clipOf(place->first).intersected(m_frame.pane().adjusted(-2, 0, 2, 0)));
    painter.setBrush(Qt::NoBrush);
    if (isSelected) {
        painter.setPen(QPen(m_theme.background(), 1));
        painter.drawRect(box.adjusted(-2, -2, 1, 1));
        painter.setPen(QPen(m_theme.text(), hasFocus() ? 2 : 1));
        painter.drawRect(box.adjusted(-1, -1, 0, 0));
    } else {
        painter.fillRect(box, m_theme.hover());
        painter.setPen(QPen(m_theme.mutedText(), 1));
        painter.drawRect(box.adjusted(0, 0, -1, -1));
    }
    painter.restore();
}

void TimelineCanvas::setArrows(std::vector<items::SpanArrow> arrows)
{
    m_arrows = std::move(arrows);
    update();
}

std::optional<QPointF> TimelineCanvas::spanEnd(std::uint32_t row, bool right) const
{
    const auto place = laneOfSpan(row);
    if (!place)
        return std::nullopt;
    const Nanos time = right ? m_frame.columns->end(row) : m_frame.columns->start[row];
    const double x = m_frame.scale().toX(saturatingAdd(time, m_frame.row(place->first).shift));
    const int lane = m_frame.layout.metrics().lane;
    return QPointF(x, m_frame.yOf(place->first) + m_frame.layout.laneOffset(place->second) + lane / 2.0);
}

void TimelineCanvas::paintSpanArrows(QPainter &painter)
{
    std::vector<TimelineArrow> arrows;
    for (const items::SpanArrow &arrow : m_arrows) {
        const auto to = spanEnd(arrow.to, false);
        auto from = spanEnd(arrow.from, arrow.isLink);
        if (!from || !to)
            continue;
        // What is caused before its cause has ended starts somewhere on the cause's bar.
        if (!arrow.isLink || from->x() > to->x())
            from->setX(std::max(spanEnd(arrow.from, false)->x(), to->x() - 1));
        arrows.push_back({*from, *to, arrow.isLink});
    }
    const QRect pane = m_frame.pane();
    paintArrows(painter, arrows, QRect(pane.left(), m_frame.layout.top(), pane.width(), height()), m_theme);
}

} // namespace tailscope::widgets
