// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinemarkers.h"

#include "base/text.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::widgets {

namespace {

constexpr int kWidestLabel = 200;
constexpr int kNarrowestLabel = 24;
/// More lines than this within one window are a solid block anyway.
constexpr std::size_t kMaxPlaces = 4000;

int importance(const session::Marker &marker)
{
    if (marker.kind == QLatin1String("note"))
        return 3;
    if (marker.kind == QLatin1String("alert") || marker.kind == QLatin1String("failover"))
        return 2;
    return marker.kind == QLatin1String("deploy") || marker.kind == QLatin1String("config") ? 1 : 0;
}

} // namespace

QString markerLabel(const session::Marker &marker)
{
    if (marker.kind == QLatin1String("note") && marker.title.isEmpty() && marker.detail.isEmpty())
        return QCoreApplication::translate("TimelineMarkers", "bookmark");
    if (marker.kind == QLatin1String("note") || marker.kind.isEmpty())
        return marker.title.isEmpty() ? marker.detail : marker.title;
    const QString title = !marker.title.isEmpty() ? marker.title : marker.service;
    return title.isEmpty() ? marker.kind : marker.kind + QStringLiteral(": ") + title;
}

QString markerToolTip(const session::Marker &marker, const session::SessionContext &context)
{
    QString text = QStringLiteral("<b>%1</b>").arg(markerLabel(marker).toHtmlEscaped());
    const auto line = [&text](const QString &value) {
        if (!value.isEmpty())
            text += QStringLiteral("<br>") + value.toHtmlEscaped();
    };
    line(context.timeText(marker.tsNs));
    if (marker.endNs)
        line(QString::fromStdString(exactDuration(saturatingSub(*marker.endNs, marker.tsNs))));
    line(marker.service);
    line(marker.detail);
    return text;
}

QColor markerColor(const session::Marker &marker, const Theme &theme)
{
    switch (importance(marker)) {
    case 3:
        return theme.selectionBorder();
    case 2:
        return theme.critical();
    case 1:
        return theme.info();
    default:
        return theme.mutedText();
    }
}

std::vector<MarkerPlace> placeMarkers(const QList<session::Marker> &markers, const TimeScale &scale,
    const QRect &band, const QFontMetrics &metrics)
{
    std::vector<MarkerPlace> places;
    const TimeRange window = scale.range();
    for (int i = 0; i < int(markers.size()) && places.size() < kMaxPlaces; ++i) {
        const session::Marker &marker = markers[i];
        const Nanos end = std::max(marker.tsNs, marker.endNs.value_or(marker.tsNs));
        if (marker.tsNs >= window.end || end < window.begin)
            continue;
        MarkerPlace place;
        place.index = i;
        const auto pixel = [&](Nanos t) {
            return int(
                std::lround(std::clamp(scale.toX(t), double(band.left()) - 1, double(band.right()) + 1)));
        };
        place.x = pixel(marker.tsNs);
        place.isRange = end > marker.tsNs;
        place.endX = pixel(end);
        places.push_back(place);
    }
    // The more important first, then by time; what is taken is kept as begin -> end.
    std::vector<std::size_t> order(places.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const int x = importance(markers[places[a].index]);
        const int y = importance(markers[places[b].index]);
        return x != y ? x > y : places[a].x < places[b].x;
    });
    std::map<int, int> taken;
    for (const std::size_t i : order) {
        MarkerPlace &place = places[i];
        const int left = std::max(place.x, band.left());
        const auto next = taken.lower_bound(left);
        if (next != taken.begin() && std::prev(next)->second > left)
            continue;
        const int limit = std::min(band.right() + 1, next == taken.end() ? band.right() + 1 : next->first);
        const int wanted
            = std::min(kWidestLabel, metrics.horizontalAdvance(markerLabel(markers[place.index])) + 10);
        const int width = std::min(wanted, limit - left);
        if (width < std::min(wanted, kNarrowestLabel))
            continue;
        place.label = QRect(left, band.top() + 1, width, band.height() - 2);
        taken.emplace(left, left + width + 2);
    }
    return places;
}

void paintMarkers(QPainter &painter, const QList<session::Marker> &markers,
    const std::vector<MarkerPlace> &places, const QRect &band, const QRect &pane, const Theme &theme)
{
    painter.save();
    painter.setClipRect(QRect(pane.left(), band.top(), pane.width(), pane.bottom() - band.top() + 1));
    for (const MarkerPlace &place : places) {
        QColor color = markerColor(markers[place.index], theme);
        if (place.isRange) {
            QColor tint = color;
            tint.setAlpha(26);
            painter.fillRect(QRect(place.x, pane.top(), std::max(1, place.endX - place.x), pane.height()),
                tint);
        }
        painter.setPen(QPen(color, 1, place.isRange ? Qt::DotLine : Qt::DashLine));
        if (place.x >= pane.left())
            painter.drawLine(place.x, band.top(), place.x, pane.bottom());
        if (place.isRange && place.endX <= pane.right())
            painter.drawLine(place.endX, band.bottom(), place.endX, pane.bottom());
    }
    const QFontMetrics metrics = painter.fontMetrics();
    for (const MarkerPlace &place : places) {
        if (place.label.isEmpty())
            continue;
        const session::Marker &marker = markers[place.index];
        const QColor color = markerColor(marker, theme);
        QColor plate = color;
        plate.setAlpha(theme.isDark() ? 70 : 40);
        painter.fillRect(place.label, theme.background());
        painter.fillRect(place.label, plate);
        painter.fillRect(QRect(place.label.left(), place.label.top(), 2, place.label.height()), color);
        painter.setPen(theme.text());
        const QRect text = place.label.adjusted(5, 0, -2, 0);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            metrics.elidedText(markerLabel(marker), Qt::ElideRight, text.width()));
    }
    painter.restore();
}

int markerBeside(const QList<session::Marker> &markers, Nanos from, qint64 fromId, bool forward)
{
    // By time, then by id: markers of one moment are walked one after the other.
    const auto isBefore = [](std::pair<Nanos, qint64> a, std::pair<Nanos, qint64> b) { return a < b; };
    const std::pair<Nanos, qint64> here{from, fromId};
    int best = -1;
    for (int i = 0; i < int(markers.size()); ++i) {
        const std::pair<Nanos, qint64> place{markers[i].tsNs, markers[i].id};
        if (forward ? !isBefore(here, place) : !isBefore(place, here))
            continue;
        const std::pair<Nanos, qint64> chosen
            = best < 0 ? place : std::pair<Nanos, qint64>{markers[best].tsNs, markers[best].id};
        if (best < 0 || (forward ? isBefore(place, chosen) : isBefore(chosen, place)))
            best = i;
    }
    return best;
}

int markerAt(const std::vector<MarkerPlace> &places, const QRect &band, const QPoint &position)
{
    for (const MarkerPlace &place : places) {
        if (place.label.contains(position))
            return place.index;
    }
    if (!band.contains(position))
        return -1;
    for (const MarkerPlace &place : places) {
        if (std::abs(place.x - position.x()) <= 3)
            return place.index;
    }
    return -1;
}

} // namespace tailscope::widgets
