// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelineseries.h"

#include "base/text.h"
#include "widgets/timeline/timelinetiles.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

std::optional<double> nanosOf(const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return 1.0;
    if (unit == QLatin1String("us") || unit == QStringLiteral("µs"))
        return 1e3;
    if (unit == QLatin1String("ms"))
        return 1e6;
    return unit == QLatin1String("s") || unit == QLatin1String("seconds") ? std::optional(1e9) : std::nullopt;
}

bool isBytes(const QString &unit)
{
    return unit == QLatin1String("bytes") || unit == QLatin1String("By") || unit == QLatin1String("B");
}

/// One row's curve in its box.
class Curve
{
public:
    Curve(const TimelineFrame &frame, const items::SeriesPicture &picture, Nanos shift, const QRect &box)
        : m_picture(picture)
        , m_scale(frame.scale())
        , m_shift(shift)
        , m_box(box)
    {
        std::tie(m_low, m_high) = seriesAxis(picture.low, picture.high);
    }
    double low() const { return m_low; }
    double high() const { return m_high; }
    double x(const analysis::DecimatedPoint &point) const
    {
        return m_scale.toX(saturatingAdd(point.ts, m_shift));
    }
    double y(double value) const
    {
        const double share = (value - m_low) / (m_high - m_low);
        return m_box.bottom() - std::clamp(share, 0.0, 1.0) * (m_box.height() - 1);
    }
    void paint(QPainter &painter, const QColor &color) const
    {
        // A value holds until the next one: steps, not slopes that nobody measured.
        QPolygonF line;
        QPolygonF area;
        for (const analysis::DecimatedPoint &point : m_picture.points) {
            const double at = std::max(x(point), m_box.left() - 2.0);
            // What lies left of the pane only says at which height the line enters it.
            if (at < m_box.left())
                line.clear();
            if (!line.isEmpty())
                line << QPointF(at, line.last().y());
            line << QPointF(at, y(point.last));
            if (at > m_box.right())
                break;
        }
        if (line.isEmpty())
            return;
        area = line;
        area.prepend(QPointF(line.first().x(), y(std::max(0.0, m_low))));
        area.append(QPointF(line.last().x(), y(std::max(0.0, m_low))));
        QColor fill = color;
        fill.setAlpha(46);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawPolygon(area);
        QPen pen(color);
        pen.setWidthF(1);
        pen.setCosmetic(true);
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        // Spikes inside a pixel: from smallest to largest.
        for (const analysis::DecimatedPoint &point : m_picture.points) {
            const double at = x(point);
            if (point.count > 1 && at >= m_box.left() - 1 && at <= m_box.right() + 1)
                painter.drawLine(QPointF(at, y(point.min)), QPointF(at, y(point.max)));
        }
        if (line.size() == 1)
            painter.drawEllipse(line.first(), 1.5, 1.5);
        else
            painter.drawPolyline(line);
    }

private:
    const items::SeriesPicture &m_picture;
    TimeScale m_scale;
    Nanos m_shift;
    QRect m_box;
    double m_low = 0, m_high = 1;
};

void paintLabel(QPainter &painter, const QRect &box, int flags, const QString &text, const Theme &theme)
{
    const QFontMetrics metrics = painter.fontMetrics();
    const QString elided = metrics.elidedText(text, Qt::ElideRight, box.width());
    QRect area = metrics.boundingRect(box, flags, elided).adjusted(-2, 0, 2, 0);
    QColor plate = theme.background();
    plate.setAlpha(190);
    painter.fillRect(area.intersected(box), plate);
    painter.setPen(theme.mutedText());
    painter.drawText(box, flags, elided);
}

} // namespace

QString seriesValueText(double value, const QString &unit)
{
    if (!std::isfinite(value))
        return QStringLiteral("—");
    if (const auto nanos = nanosOf(unit); nanos && std::abs(value * *nanos) < 9e18)
        return QString::fromStdString(humanDuration(Nanos(std::llround(value * *nanos))));
    if (isBytes(unit) && value >= 0 && value < 1.8e19)
        return QString::fromStdString(humanBytes(std::uint64_t(value)));
    const bool isWhole = value == std::floor(value) && std::abs(value) < 1e15;
    const QString number = isWhole ? QString::fromStdString(groupedCount(std::int64_t(value)))
                                   : QString::number(value, 'g', 3);
    return unit.isEmpty() || unit == QLatin1String("1") ? number : number + QLatin1Char(' ') + unit;
}

std::pair<double, double> seriesAxis(double low, double high)
{
    if (!std::isfinite(low) || !std::isfinite(high) || high < low)
        return {0, 1};
    // Values far from zero that hardly move would be a flat line at the top of a zero-based axis.
    const bool isZeroBased = low >= 0 && (high == low || (high - low) > 0.2 * high);
    double begin = isZeroBased ? 0 : low;
    double end = high;
    if (high <= 0 && low < 0 && (high - low) > -0.2 * low)
        end = 0;
    if (end <= begin)
        end = begin + (begin == 0 ? 1 : std::abs(begin) * 0.1);
    return {begin, end};
}

std::optional<analysis::DecimatedPoint> nearestPoint(const items::SeriesPicture &picture, Nanos t,
    Nanos distance)
{
    const auto after = std::lower_bound(picture.points.begin(), picture.points.end(), t,
        [](const analysis::DecimatedPoint &point, Nanos ts) { return point.ts < ts; });
    std::optional<analysis::DecimatedPoint> best;
    const auto consider = [&](const analysis::DecimatedPoint &point) {
        const Nanos gap = point.ts > t ? saturatingSub(point.ts, t) : saturatingSub(t, point.ts);
        if (gap <= distance) {
            best = point;
            distance = gap;
        }
    };
    if (after != picture.points.begin())
        consider(*std::prev(after));
    if (after != picture.points.end())
        consider(*after);
    return best;
}

void paintSeries(QPainter &painter, const TimelineFrame &frame, const Theme &theme)
{
    const Nanos step = TimelineTiles::stepOf(TimelineTiles::levelFor(frame.nanosPerPixel()));
    for (const TimelineRowRef ref : frame.visibleRows()) {
        const items::TimelineRow &row = frame.row(ref);
        if (row.kind != items::TimelineRow::Kind::Series)
            continue;
        const QRect box(frame.headerWidth, frame.yOf(ref) + 4, frame.paneWidth,
            frame.layout.heightOf(ref) - 8);
        painter.save();
        painter.setClipRect(frame.clipOf(ref).intersected(frame.pane()));
        const TimeRange window{saturatingSub(frame.window.begin, row.shift),
            saturatingSub(frame.window.end, row.shift)};
        const items::SeriesPicture *picture = frame.model->series()->picture(row.seriesId, window, step);
        const items::SeriesInfo *info = frame.model->series()->info(row.seriesId);
        const QRect text = box.adjusted(4, 0, -4, 0);
        if (!picture) {
            paintLabel(painter, text, Qt::AlignLeft | Qt::AlignVCenter,
                QCoreApplication::translate("TimelineSeries", "Reading…"), theme);
        } else if (picture->total == 0) {
            paintLabel(painter, text, Qt::AlignLeft | Qt::AlignVCenter,
                QCoreApplication::translate("TimelineSeries", "No points"), theme);
        } else {
            const Curve curve(frame, *picture, row.shift, box);
            painter.setPen(theme.grid());
            painter.drawLine(box.left(), box.bottom(), box.right(), box.bottom());
            // One colour a metric, so that the same metric of two services can be compared.
            curve.paint(painter, theme.series(info ? int(hash64(info->metric.toStdString()) % 8) : 0));
            const QString unit = info ? info->unit : QString();
            paintLabel(painter, text, Qt::AlignLeft | Qt::AlignTop, seriesValueText(curve.high(), unit),
                theme);
            if (box.height() > 2 * painter.fontMetrics().height())
                paintLabel(painter, text, Qt::AlignLeft | Qt::AlignBottom, seriesValueText(curve.low(), unit),
                    theme);
        }
        painter.restore();
    }
}

} // namespace tailscope::widgets
