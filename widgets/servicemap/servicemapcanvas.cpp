// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/servicemap/servicemapcanvas.h"

#include "base/text.h"
#include "items/serviceedgetable.h"
#include "widgets/base/theme.h"

#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

using analysis::EdgeKind;
using analysis::ServiceEdge;
using analysis::ServiceNode;

constexpr double kMargin = 24;
constexpr double kLeastReadable = 0.42, kLeastScale = 0.04, kMostScale = 4;
constexpr double kManyErrors = 0.05; // as the groups of the overview: more is critical

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QColor toneOf(double errorShare, const Theme &theme)
{
    return errorShare >= kManyErrors ? theme.critical() : errorShare > 0 ? theme.warning() : theme.axis();
}

} // namespace

ServiceMapCanvas::ServiceMapCanvas(QWidget *parent)
    : QWidget(parent)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Map of services"));
    setAccessibleDescription(tr("The table below holds the same calls."));
}

void ServiceMapCanvas::setMap(Map map, const items::ServiceMapShown &shown)
{
    const std::string before
        = m_map && m_current.node >= 0 ? m_map->nodes[std::size_t(m_current.node)].name : std::string();
    m_map = std::move(map);
    m_shown = shown;
    m_layout = m_map ? items::layOutServices(*m_map, m_shown) : items::ServiceMapLayout();
    m_current = m_hover = m_pressed = {};
    m_match.clear();
    m_mostWeight = 0;
    std::vector<std::string> names;
    if (m_map) {
        for (std::size_t i = 0; i < m_map->edges.size(); ++i) {
            if (m_shown.edges[i])
                m_mostWeight = std::max(m_mostWeight, m_map->edges[i].weight);
        }
        for (std::size_t i = 0; i < m_map->nodes.size(); ++i) {
            if (!m_shown.nodes[i])
                continue;
            names.push_back(m_map->nodes[i].name);
            if (!before.empty() && m_map->nodes[i].name == before)
                m_current.node = int(i);
        }
    }
    if (names != m_names) {
        m_names = std::move(names);
        m_wantsAll = true;
    }
    if (m_wantsAll)
        showAll(true);
    update();
}

void ServiceMapCanvas::showAll(bool readable)
{
    m_wantsAll = true;
    const QRectF all = m_layout.bounds;
    if (all.isEmpty())
        return;
    const double room
        = std::min((width() - 2 * kMargin) / all.width(), (height() - 2 * kMargin) / all.height());
    m_scale = std::clamp(room, readable ? kLeastReadable : kLeastScale, 1.25);
    const QPointF size(width() / m_scale, height() / m_scale);
    m_origin = all.center() - size / 2;
    // What does not fit begins at its left, where the requests come in.
    if (all.width() * m_scale > width() - 2 * kMargin)
        m_origin.setX(all.left() - kMargin / m_scale);
    update();
}

void ServiceMapCanvas::zoomBy(double factor, std::optional<QPointF> around)
{
    const QPointF fixed = around.value_or(QPointF(width() / 2.0, height() / 2.0));
    const QPointF place = m_origin + fixed / m_scale;
    m_scale = std::clamp(m_scale * factor, kLeastScale, kMostScale);
    m_origin = place - fixed / m_scale;
    m_wantsAll = false;
    update();
}

void ServiceMapCanvas::panBy(const QPointF &pixels)
{
    m_origin -= pixels / m_scale;
    m_wantsAll = false;
    update();
}

void ServiceMapCanvas::resizeEvent(QResizeEvent *)
{
    if (m_wantsAll)
        showAll(true);
}

QRectF ServiceMapCanvas::nodeRect(int node) const
{
    const QRectF box = m_layout.boxes.value(node);
    return box.isNull() ? QRectF() : QRectF(toWidget(box.topLeft()), box.size() * m_scale);
}

QPainterPath ServiceMapCanvas::linePath(int edge) const
{
    const items::ServiceMapLayout::Line line = m_layout.lines.value(edge);
    QPainterPath path;
    if (line.points.size() < 2)
        return path;
    path.moveTo(toWidget(line.points[0]));
    for (qsizetype i = 1; i < line.points.size(); ++i) {
        const QPointF from = toWidget(line.points[i - 1]), to = toWidget(line.points[i]);
        // Level at both ends: lines leave and enter the boxes at right angles.
        const double half = (to.x() - from.x()) / 2;
        path.cubicTo(from + QPointF(half, 0), to - QPointF(half, 0), to);
    }
    return path;
}

QPolygonF ServiceMapCanvas::linePoints(int edge) const
{
    const QPainterPath path = linePath(edge);
    QPolygonF points;
    constexpr int kPoints = 32;
    for (int i = 0; i <= kPoints && !path.isEmpty(); ++i)
        points << path.pointAtPercent(double(i) / kPoints);
    return points;
}

QPointF ServiceMapCanvas::edgeMiddle(int edge) const
{
    const QVector<QPointF> points = m_layout.lines.value(edge).points;
    if (points.size() < 2)
        return {};
    // The middle of the first gap between columns: there the lines of one caller have spread.
    return (toWidget(points[0]) + toWidget(points[1])) / 2;
}

double ServiceMapCanvas::lineWidth(const ServiceEdge &edge) const
{
    const double share = m_mostWeight > 0 ? edge.weight / m_mostWeight : 0;
    return (1 + 7 * std::sqrt(share)) * std::clamp(m_scale, 0.5, 1.3);
}

bool ServiceMapCanvas::isNear(const Item &item, int edge) const
{
    if (item.edge >= 0)
        return item.edge == edge;
    const ServiceEdge &at = m_map->edges[std::size_t(edge)];
    return item.node >= 0 && (int(at.caller) == item.node || int(at.callee) == item.node);
}

void ServiceMapCanvas::paintLine(QPainter &painter, const Theme &theme, int edge) const
{
    const ServiceEdge &at = m_map->edges[std::size_t(edge)];
    const QPainterPath path = linePath(edge);
    if (path.isEmpty())
        return;
    const bool isLit = isNear(m_hover, edge) || isNear(m_current, edge);
    QColor color = toneOf(at.errorShare(), theme);
    const bool hasChoice = !m_hover.isNone() || !m_current.isNone();
    color.setAlpha(isLit ? 255 : hasChoice ? 90 : 170);
    const double width = lineWidth(at);
    QPen pen(color, width, Qt::SolidLine, Qt::FlatCap);
    if (at.kind == EdgeKind::Async || at.kind == EdgeKind::Messaging)
        pen.setDashPattern({6 / std::max(1.0, width / 2), 4 / std::max(1.0, width / 2)});
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    // The head points into the box of the callee.
    const QPointF tip = path.currentPosition();
    const double size = width / 2 + 6 * std::clamp(m_scale, 0.5, 1.3);
    const double way = m_layout.lines[edge].isBackward ? 1 : -1;
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawPolygon(QPolygonF{tip, tip + QPointF(way * size * 1.5, -size * 0.8),
        tip + QPointF(way * size * 1.5, size * 0.8)});
}

std::optional<ServiceMapCanvas::Label> ServiceMapCanvas::labelOf(int edge, const QFontMetrics &metrics,
    bool force) const
{
    const QVector<QPointF> points = m_layout.lines.value(edge).points;
    if (points.size() < 2)
        return std::nullopt;
    const double room = std::abs(points[1].x() - points[0].x()) * m_scale - 16;
    const QString text = items::edgeLabel(m_map->edges[std::size_t(edge)], m_map->weighted);
    Label label;
    label.lines = QStringList{text};
    if (metrics.horizontalAdvance(text) > room) {
        const qsizetype cut = text.indexOf(QStringLiteral(" · "));
        label.lines = {text.left(cut), text.mid(cut + 3)};
    }
    double width = 0;
    for (const QString &line : std::as_const(label.lines))
        width = std::max(width, double(metrics.horizontalAdvance(line)));
    if (width > room && !force)
        return std::nullopt;
    const QSizeF size(width + 8, metrics.height() * double(label.lines.size()) + 2);
    const QPointF middle = edgeMiddle(edge);
    label.rect
        = QRectF(middle.x() - size.width() / 2, middle.y() - size.height() / 2, size.width(), size.height());
    return label;
}

void ServiceMapCanvas::paintLabels(QPainter &painter, const Theme &theme) const
{
    std::vector<int> order;
    for (int edge = 0; edge < int(m_map->edges.size()); ++edge) {
        if (m_shown.edges[std::size_t(edge)])
            order.push_back(edge);
    }
    const auto urgency = [this](int edge) {
        return std::pair((isNear(m_hover, edge) ? 2 : 0) + (isNear(m_current, edge) ? 1 : 0),
            m_map->edges[std::size_t(edge)].weight);
    };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return urgency(a) > urgency(b); });
    const QFontMetrics metrics(painter.font());
    std::vector<QRectF> taken;
    for (const int edge : order) {
        const bool isLit = urgency(edge).first > 0;
        const auto label = labelOf(edge, metrics, isLit);
        if (!label || !label->rect.intersects(QRectF(rect())))
            continue;
        const bool isFree = std::none_of(taken.begin(), taken.end(),
            [&](const QRectF &other) { return other.intersects(label->rect); });
        if (!isFree)
            continue;
        taken.push_back(label->rect);
        QColor back = theme.background();
        back.setAlpha(225);
        painter.setPen(Qt::NoPen);
        painter.setBrush(back);
        painter.drawRoundedRect(label->rect, 3, 3);
        painter.setPen(isLit ? theme.text() : theme.mutedText());
        QRectF line(label->rect.left(), label->rect.top() + 1, label->rect.width(), metrics.height());
        for (const QString &text : label->lines) {
            painter.drawText(line, Qt::AlignCenter, text);
            line.translate(0, metrics.height());
        }
    }
}

void ServiceMapCanvas::paintNode(QPainter &painter, const Theme &theme, int node) const
{
    const QRectF box = nodeRect(node);
    if (box.isNull() || !box.intersects(QRectF(rect()).adjusted(-8, -8, 8, 8)))
        return;
    const ServiceNode &at = m_map->nodes[std::size_t(node)];
    const double errors = at.weight > 0 ? at.errorWeight / at.weight : 0;
    const bool isCurrent = m_current.node == node, isHover = m_hover.node == node;
    const bool isMatch = node < int(m_match.size()) && m_match[std::size_t(node)];
    const QColor fill = at.hasSpans ? theme.forName(at.name) : theme.alternate();
    QPen pen(isCurrent   ? theme.selectionBorder()
            : errors > 0 ? toneOf(errors, theme)
                         : theme.axis(),
        isCurrent || isMatch        ? 3
            : errors >= kManyErrors ? 2
                                    : 1,
        at.hasSpans ? Qt::SolidLine : Qt::DashLine);
    if (isMatch && !isCurrent)
        pen.setColor(theme.info());
    painter.setPen(pen);
    painter.setBrush(fill);
    painter.drawRoundedRect(box, 5, 5);
    if (isHover) {
        painter.setBrush(theme.hover());
        painter.drawRoundedRect(box, 5, 5);
    }
    // Self time: a bar along the lower edge.
    if (at.selfShare > 0) {
        QColor bar = theme.textOn(fill);
        bar.setAlpha(120);
        const double height = std::max(2.0, 4 * m_scale);
        painter.fillRect(QRectF(box.left() + 3, box.bottom() - height - 1,
                             (box.width() - 6) * std::min(1.0, at.selfShare), height),
            bar);
    }
    QFont bold = painter.font();
    bold.setBold(true);
    QFont plain = painter.font();
    const QFontMetrics metrics(plain);
    const int lines = std::clamp(int((box.height() - 6) / metrics.height()), 1, 2);
    const QRectF inner = box.adjusted(6, 2, -6, lines > 1 ? -6 : -2);
    const QColor ink = at.hasSpans ? theme.textOn(fill) : theme.text();
    painter.save();
    painter.setPen(ink);
    if (box.height() < metrics.height() + 2)
        bold.setPixelSize(std::max(6, int(box.height()) - 3));
    painter.setFont(bold);
    const QString title
        = QFontMetrics(bold).elidedText(items::serviceTitle(at), Qt::ElideRight, int(inner.width()));
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), inner.height() / lines),
        Qt::AlignVCenter | Qt::AlignLeft, title);
    if (lines > 1) {
        painter.setFont(plain);
        const QString figures
            = tr("%1 req · P99 %2").arg(fromUtf8(groupedCount(at.requests)), fromUtf8(humanDuration(at.p99)));
        painter.drawText(QRectF(inner.left(), inner.top() + inner.height() / 2, inner.width(),
                             inner.height() / 2),
            Qt::AlignVCenter | Qt::AlignLeft,
            metrics.elidedText(figures, Qt::ElideRight, int(inner.width())));
    }
    painter.restore();
}

void ServiceMapCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    if (!m_map)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    // What is looked at lies on top.
    for (const bool isLit : {false, true}) {
        for (int edge = 0; edge < int(m_map->edges.size()); ++edge) {
            if (m_shown.edges[std::size_t(edge)]
                && (isNear(m_hover, edge) || isNear(m_current, edge)) == isLit)
                paintLine(painter, theme, edge);
        }
    }
    for (int node = 0; node < int(m_map->nodes.size()); ++node)
        paintNode(painter, theme, node);
    paintLabels(painter, theme);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.selectionBorder(), 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

} // namespace tailscope::widgets
