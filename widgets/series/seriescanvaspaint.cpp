// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/seriestext.h"
#include "widgets/series/seriescanvas.h"

#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

double yOf(double value, const QRect &plot, double low, double high)
{
    return plot.bottom() - std::clamp((value - low) / (high - low), -0.02, 1.02) * (plot.height() - 1);
}

QColor faded(QColor color, int alpha)
{
    color.setAlpha(alpha);
    return color;
}

// Text on a plate, so that a curve below it does not make it unreadable.
int drawPlate(QPainter &painter, const QRect &box, int flags, const QString &text, const QColor &color,
    const Theme &theme)
{
    const QString elided = painter.fontMetrics().elidedText(text, Qt::ElideRight, box.width());
    const QRect area = painter.fontMetrics().boundingRect(box, flags, elided).adjusted(-2, 0, 2, 0);
    painter.fillRect(area.intersected(box.adjusted(-2, 0, 2, 0)), faded(theme.background(), 200));
    painter.setPen(color);
    painter.drawText(box, flags, elided);
    return area.width();
}

} // namespace

void SeriesCanvas::paintMarkers(QPainter &painter, const QRect &area, const Theme &theme) const
{
    const TimeScale times = scale();
    int taken = -1, lines = 0;
    const QRect band(area.left(), 26, area.width(), 18);
    for (const session::Marker &marker : m_session->markers()) {
        const Nanos end = std::max(marker.tsNs, marker.endNs.value_or(marker.tsNs));
        if (marker.tsNs >= m_window.end || end < m_window.begin || ++lines > 2000)
            continue;
        const bool isLoud = marker.kind == QLatin1String("alert") || marker.kind == QLatin1String("failover");
        const QColor color = isLoud ? theme.critical() : theme.info();
        const int x = int(std::lround(std::max(times.toX(marker.tsNs), double(area.left()))));
        if (end > marker.tsNs)
            painter.fillRect(QRect(x, kTopHeight, std::max(1, int(times.toX(end)) - x), area.height()),
                faded(color, 26));
        painter.setPen(QPen(faded(color, 170), 1, Qt::DashLine));
        painter.drawLine(x, band.top(), x, area.bottom());
        const QString title = marker.title.isEmpty() ? marker.service : marker.title;
        const QString text = title.isEmpty() ? marker.kind : marker.kind + QStringLiteral(": ") + title;
        const int width
            = std::min({painter.fontMetrics().horizontalAdvance(text) + 8, 190, area.right() - x});
        if (x <= taken || width < 24)
            continue;
        const QRect label(x, band.top(), width, band.height() - 1);
        painter.fillRect(label, theme.background());
        painter.fillRect(label, faded(color, theme.isDark() ? 70 : 40));
        painter.setPen(theme.text());
        painter.drawText(label.adjusted(4, 0, -2, 0), Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(text, Qt::ElideRight, width - 6));
        taken = label.right() + 2;
    }
}

void SeriesCanvas::paintUsual(QPainter &painter, const items::Lane &lane, const QRect &plot, double low,
    double high, const Theme &theme) const
{
    if (lane.usual.empty())
        return;
    const TimeScale times = scale();
    const Nanos width = lane.usualTs.size() > 1 ? lane.usualTs[1] - lane.usualTs[0] : 0;
    QPolygonF band, back;
    // One corner a pixel is enough.
    double last = -1e9;
    for (std::size_t i = 0; i < lane.usual.size(); ++i) {
        if (lane.usualTs[i] + width < m_window.begin || lane.usualTs[i] > m_window.end)
            continue;
        const double x = times.toX(lane.usualTs[i]);
        if (x - last < 1)
            continue;
        last = x;
        band << QPointF(x, yOf(lane.usual[i], plot, low, high));
        back << QPointF(x, yOf(lane.usual[i] * lane.edge, plot, low, high));
    }
    if (band.size() < 2)
        return;
    std::reverse(back.begin(), back.end());
    painter.setPen(Qt::NoPen);
    painter.setBrush(faded(theme.good(), theme.isDark() ? 46 : 38));
    QPolygonF whole = band;
    whole += back;
    painter.drawPolygon(whole);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(faded(theme.good(), 190), 1, Qt::DotLine));
    painter.drawPolyline(band);
}

void SeriesCanvas::paintCurve(QPainter &painter, const items::LaneCurve &curve, const QRect &plot, double low,
    double high, const QColor &color) const
{
    const TimeScale times = scale();
    const Nanos pixel = Nanos(times.nanosPerPixel());
    const Nanos hole = std::max(3 * std::max<Nanos>(curve.step, 1), 3 * pixel);
    // What lies outside the window is there for panning only; one point on either side leads the line in and
    // out.
    const auto before = [](const analysis::DecimatedPoint &point, Nanos t) { return point.ts < t; };
    auto first = std::lower_bound(curve.points.begin(), curve.points.end(), m_window.begin, before);
    auto last = std::lower_bound(first, curve.points.end(), m_window.end, before);
    first -= first == curve.points.begin() ? 0 : 1;
    last += last == curve.points.end() ? 0 : 1;
    // Many samples a pixel: one upright stroke each, from the smallest to the largest and to the one before.
    // Smoothed polylines of so many corners cost ten times as much and look the same.
    const bool isDense = last - first > plot.width() / 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, !isDense);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, isDense ? 1 : 1.4));
    QPolygonF line;
    QVector<QLine> strokes;
    const auto flush = [&] {
        if (line.size() == 1)
            painter.drawEllipse(line.first(), 1.6, 1.6);
        else if (line.size() > 1)
            painter.drawPolyline(line);
        line.clear();
    };
    for (auto point = first; point != last; ++point) {
        const double x = times.toX(point->ts);
        // A hole is not bridged: nobody knows what was there.
        const bool isJoined = point != first && saturatingSub(point->ts, std::prev(point)->ts) <= hole;
        if (isDense) {
            const double joint = isJoined ? std::prev(point)->last : point->last;
            strokes.append({int(x), int(yOf(std::min(point->min, joint), plot, low, high)), int(x),
                int(yOf(std::max(point->max, joint), plot, low, high))});
            continue;
        }
        if (!isJoined)
            flush();
        if (point->count > 1)
            line << QPointF(x, yOf(point->min, plot, low, high))
                 << QPointF(x, yOf(point->max, plot, low, high));
        line << QPointF(x, yOf(point->last, plot, low, high));
    }
    flush();
    painter.drawLines(strokes);
    painter.restore();
}

void SeriesCanvas::paintFound(QPainter &painter, const items::Lane &lane, const QRect &plot, double low,
    double high, const Theme &theme) const
{
    const TimeScale times = scale();
    for (const items::SeriesFound &found : lane.found) {
        const Nanos end = found.endNs > 0 ? found.endNs : found.startNs;
        if (found.startNs > m_window.end || end < m_window.begin)
            continue;
        const double x0 = std::max(times.toX(found.startNs), double(plot.left()));
        const double x1 = std::min(times.toX(end), double(plot.right()));
        const QRect text(int(x0) + 4, plot.top(), std::max(60, plot.right() - int(x0) - 4), plot.height());
        switch (found.kind) {
        case items::SeriesFound::Kind::Ceiling: {
            const double y = yOf(found.value, plot, low, high);
            painter.setPen(QPen(theme.critical(), 2));
            painter.drawLine(QPointF(x0, y), QPointF(x1, y));
            drawPlate(painter, QRect(text.left(), int(y) + 3, text.width(), painter.fontMetrics().height()),
                Qt::AlignLeft | Qt::AlignTop, found.text, theme.critical(), theme);
            break;
        }
        case items::SeriesFound::Kind::Departure: {
            painter.fillRect(QRectF(x0, plot.top(), std::max(1.0, x1 - x0), plot.height()),
                faded(theme.warning(), 34));
            drawPlate(painter, text, Qt::AlignLeft | Qt::AlignBottom, found.text, theme.warning(), theme);
            break;
        }
        case items::SeriesFound::Kind::Change:
            painter.setPen(QPen(theme.warning(), 2));
            painter.drawLine(QPointF(x0, plot.top()), QPointF(x0, plot.bottom()));
            drawPlate(painter, text.adjusted(0, painter.fontMetrics().height() + 2, 0, 0),
                Qt::AlignLeft | Qt::AlignTop, found.text, theme.warning(), theme);
            break;
        case items::SeriesFound::Kind::Period:
        case items::SeriesFound::Kind::Shape:
            drawPlate(painter, plot.adjusted(0, 0, -4, 0), Qt::AlignRight | Qt::AlignBottom, found.text,
                theme.info(), theme);
            break;
        }
    }
}

void SeriesCanvas::paintLane(QPainter &painter, const items::Lane &lane, const QRect &rect,
    const Theme &theme, bool isCurrent) const
{
    painter.save();
    painter.setClipRect(rect.intersected(QRect(0, kTopHeight, rect.width(), viewport()->height())));
    if (isCurrent)
        painter.fillRect(rect, theme.alternate());
    painter.setPen(theme.grid());
    painter.drawLine(rect.bottomLeft(), rect.bottomRight());
    const int line = painter.fontMetrics().height();
    const QRect head(rect.left() + kHeaderWidth, rect.top() + 3, rect.width() - 2 * kHeaderWidth, line);
    const QRect plot = rect.adjusted(kHeaderWidth, line + 6, -kHeaderWidth, -5);
    QString title = lane.spec.isPinned ? QStringLiteral("\u25C6 ") + lane.spec.title : lane.spec.title;
    if (!lane.note.isEmpty())
        title += QStringLiteral("  (") + lane.note + QLatin1Char(')');
    painter.setPen(theme.text());
    const QString elided = painter.fontMetrics().elidedText(title, Qt::ElideMiddle, head.width() * 2 / 5);
    painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, elided);
    if (!(lane.low <= lane.high)) {
        painter.setPen(theme.mutedText());
        painter.drawText(plot, Qt::AlignCenter,
            lane.curves.isEmpty() ? tr("Reading\u2026") : tr("No samples in this time"));
        painter.restore();
        return;
    }
    auto [low, high] = items::seriesAxisEnds(lane.low, lane.high);
    for (const items::SeriesFound &found : lane.found) {
        if (found.kind == items::SeriesFound::Kind::Ceiling)
            high = std::max(high, found.value * 1.05);
    }
    for (const double usual : lane.usual)
        high = std::max(high, usual);
    paintUsual(painter, lane, plot, low, high, theme);
    int right = head.right();
    for (int i = int(lane.curves.size()) - 1; i >= 0; --i) {
        const QColor color = theme.series(i);
        paintCurve(painter, lane.curves[i], plot, low, high, color);
        if (lane.curves.size() < 2)
            continue;
        const int width = std::min(150, painter.fontMetrics().horizontalAdvance(lane.curves[i].name) + 18);
        if (right - width < head.left() + head.width() * 2 / 5)
            continue;
        painter.fillRect(QRect(right - width + 2, head.center().y() - 3, 8, 8), color);
        painter.setPen(theme.text());
        painter.drawText(QRect(right - width + 13, head.top(), width - 14, head.height()),
            Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(lane.curves[i].name, Qt::ElideRight, width - 14));
        right -= width;
    }
    paintFound(painter, lane, plot, low, high, theme);
    drawPlate(painter, plot, Qt::AlignLeft | Qt::AlignTop, items::seriesValue(high, lane.unit, lane.isRate),
        theme.mutedText(), theme);
    drawPlate(painter, plot, Qt::AlignLeft | Qt::AlignBottom, items::seriesValue(low, lane.unit, lane.isRate),
        theme.mutedText(), theme);
    painter.restore();
}

void SeriesCanvas::paintAll(QPainter &painter, const QSize &size)
{
    const Theme theme(palette());
    const QRect area(QPoint(), size);
    painter.fillRect(area, theme.background());
    painter.setRenderHint(QPainter::Antialiasing, true);
    const auto &lanes = m_model->lanes();
    for (int i = 0; i < lanes.size(); ++i) {
        const QRect rect = laneRect(i);
        if (rect.bottom() >= kTopHeight && rect.top() <= size.height())
            paintLane(painter, lanes[i], rect, theme, i == m_lane && lanes.size() > 1);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRect(0, 0, size.width(), kTopHeight), theme.background());
    paintTimeAxis(painter, QRect(kHeaderWidth, 0, size.width() - 2 * kHeaderWidth, 24), scale(),
        *m_session->context());
    paintMarkers(painter, area, theme);
    if (m_anchor && m_dragEnd) {
        const int x0 = int(scale().toX(std::min(*m_anchor, *m_dragEnd)));
        const int x1 = int(scale().toX(std::max(*m_anchor, *m_dragEnd)));
        painter.fillRect(QRect(x0, kTopHeight, std::max(1, x1 - x0), size.height()), theme.selection());
    }
    if (m_cursor && m_window.contains(*m_cursor)) {
        painter.setPen(theme.axis());
        const int x = int(scale().toX(*m_cursor));
        painter.drawLine(x, 24, x, size.height());
    }
    if (hasFocus() && !lanes.isEmpty()) {
        painter.setPen(theme.selectionBorder());
        painter.drawRect(laneRect(m_lane).adjusted(1, 1, -2, -2));
    }
}

void SeriesCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    paintAll(painter, viewport()->size());
}

} // namespace tailscope::widgets
