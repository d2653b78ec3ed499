// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planmarkers.h"

#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tailscope::widgets {

namespace {

constexpr double kRadius = 4.5, kReach = 24;

double along(const PlotScale &scale, double value)
{
    const double low = scale.toPlot(scale.low()), high = scale.toPlot(scale.high());
    return (scale.toPlot(value) - low) / std::max(1e-300, high - low);
}

} // namespace

PlanMarkers::PlanMarkers(PlotCanvas *canvas)
    : QWidget(canvas->viewport())
    , m_canvas(canvas)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    canvas->viewport()->installEventFilter(this);
    setGeometry(canvas->viewport()->rect());
}

bool PlanMarkers::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        setGeometry(m_canvas->viewport()->rect());
    return QWidget::eventFilter(watched, event);
}

void PlanMarkers::setMarkers(std::vector<Marker> markers)
{
    m_markers = std::move(markers);
    update();
}

void PlanMarkers::setSelected(qint64 plan)
{
    m_selected = plan;
    update();
}

QPointF PlanMarkers::placeOf(const Marker &marker) const
{
    const QRect plot = m_canvas->plotRect();
    return {plot.left() + along(m_canvas->scaleX(), marker.x) * plot.width(),
        plot.top() + (1 - along(m_canvas->scaleY(), marker.y)) * plot.height()};
}

qint64 PlanMarkers::planAt(const QPointF &place) const
{
    qint64 plan = 0;
    double nearest = kReach;
    for (const Marker &marker : m_markers) {
        const QPointF offset = placeOf(marker) - place;
        const double distance = std::hypot(offset.x(), offset.y());
        if (distance <= nearest) {
            nearest = distance;
            plan = marker.plan;
        }
    }
    return plan;
}

qint64 PlanMarkers::planNear(double x) const
{
    const auto found = std::min_element(m_markers.begin(), m_markers.end(),
        [x](const Marker &a, const Marker &b) { return std::abs(a.x - x) < std::abs(b.x - x); });
    return found == m_markers.end() ? 0 : found->plan;
}

QPolygonF PlanMarkers::form(int shape, const QPointF &center, double radius)
{
    // Circle, square, triangle, diamond, triangle on its tip, pentagon.
    constexpr std::array<int, 6> kCorners{24, 4, 3, 4, 3, 5};
    constexpr std::array<double, 6> kTurns{0, 0.125, 0.75, 0, 0.25, 0.75};
    const std::size_t kind = std::size_t(std::max(shape, 0)) % kCorners.size();
    QPolygonF polygon;
    for (int i = 0; i < kCorners[kind]; ++i) {
        const double angle = 2 * std::numbers::pi * (double(i) / kCorners[kind] + kTurns[kind]);
        polygon << center + QPointF(std::cos(angle), std::sin(angle)) * radius * (kind == 0 ? 1.0 : 1.25);
    }
    return polygon;
}

void PlanMarkers::paintEvent(QPaintEvent *)
{
    const Theme theme(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Marker &marker : m_markers) {
        const QPointF place = placeOf(marker);
        if (marker.plan == m_selected || marker.isSaved) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(marker.plan == m_selected ? theme.text() : theme.good(), 2));
            painter.drawEllipse(place, kRadius + 5, kRadius + 5);
        }
        painter.setPen(QPen(theme.background(), 1));
        painter.setBrush(marker.shape < 0 ? theme.mutedText() : theme.series(marker.shape));
        painter.drawPolygon(form(marker.shape, place, kRadius));
    }
}

} // namespace tailscope::widgets
