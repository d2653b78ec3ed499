// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Painting of the diagram: three levels of detail, and the small map of a large plan.
#include "items/planmodel.h"
#include "widgets/base/theme.h"
#include "widgets/plan/plandiagram.h"

#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::widgets {

namespace {

/// Below these the box has no texts, or only its colour.
constexpr double kTextScale = 0.5, kTitleScale = 0.24;
constexpr double kPad = 9, kLine = 17, kTop = 7;
constexpr double kBadgeHeight = 16, kBadgePad = 5;
constexpr int kBusFrom = 7; ///< children that hang on one common line
constexpr QSizeF kMiniSize(190, 130);

QColor badgeTone(const Theme &theme, int level)
{
    return level >= 3 ? theme.critical()
        : level == 2  ? theme.warning()
        : level == 1  ? theme.info()
                      : theme.axis();
}

QColor translucent(QColor color, int alpha)
{
    color.setAlpha(alpha);
    return color;
}

} // namespace

QColor PlanDiagram::colourOf(double value, items::PlanColouring colouring, const Theme &theme)
{
    if (std::isnan(value))
        return theme.grid();
    return colouring == items::PlanColouring::Estimate ? theme.diverging(value) : theme.heat(value);
}

void PlanDiagram::paintEvent(QPaintEvent *)
{
    const Theme theme(palette());
    QPainter painter(this);
    painter.fillRect(rect(), theme.background());
    if (m_layout.count() == 0)
        return;
    painter.save();
    painter.scale(m_scale, m_scale);
    painter.translate(-m_origin);
    paintScene(painter, theme, visibleScene(), m_scale);
    painter.restore();
    paintMiniMap(painter, theme);
    if (hasFocus()) {
        painter.setPen(theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void PlanDiagram::paintScene(QPainter &painter, const Theme &theme, const QRectF &area, double scale)
{
    if (scale < kTitleScale) {
        paintSmall(painter, theme, area, scale);
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    paintEdges(painter, theme, area, scale);
    const auto [top, bottom] = m_layout.levelsBetween(area.top(), area.bottom());
    for (int depth = top; depth < bottom; ++depth) {
        const auto [first, last] = m_layout.positionsBetween(depth, area.left(), area.right());
        for (int i = first; i < last; ++i)
            paintBox(painter, theme, m_layout.level(depth)[std::size_t(i)], scale);
    }
}

void PlanDiagram::paintEdges(QPainter &painter, const Theme &theme, const QRectF &area, double scale)
{
    const auto [top, bottom] = m_layout.levelsBetween(area.top() - m_layout.size().gapY, area.bottom());
    const double step = m_layout.size().height + m_layout.size().gapY;
    for (int depth = std::max(1, top); depth <= bottom && depth < m_layout.levels(); ++depth) {
        // Children in sight, and those of parents in sight.
        const std::vector<int> &nodes = m_layout.level(depth);
        auto [first, last] = m_layout.positionsBetween(depth, area.left(), area.right());
        const auto [above, aboveEnd] = m_layout.positionsBetween(depth - 1, area.left(), area.right());
        for (int i = above; i < aboveEnd; ++i) {
            const int parent = m_layout.level(depth - 1)[std::size_t(i)];
            const std::vector<int> &children = m_layout.children(parent);
            if (children.empty() || !m_layout.isShown(children.front()) || int(children.size()) >= kBusFrom)
                continue;
            const auto at = [&nodes](int child) {
                return int(std::lower_bound(nodes.begin(), nodes.end(), child) - nodes.begin());
            };
            first = std::min(first, at(children.front()));
            last = std::max(last, at(children.back()) + 1);
        }
        double drawn = -std::numeric_limits<double>::infinity();
        int bus = -1;
        for (int i = first; i < last; ++i) {
            const int child = nodes[std::size_t(i)], parent = m_layout.parent(child);
            const QRectF box = m_layout.box(child), from = m_layout.box(parent);
            const std::vector<int> &siblings = m_layout.children(parent);
            if (int(siblings.size()) < kBusFrom) {
                paintEdge(painter, theme, child, scale);
                continue;
            }
            const double y = box.top() - m_layout.size().gapY / 2;
            if (bus != parent) {
                bus = parent;
                const double left = std::min(m_layout.box(siblings.front()).center().x(), from.center().x());
                const double right = std::max(m_layout.box(siblings.back()).center().x(), from.center().x());
                painter.setPen(QPen(theme.axis(), 1.5));
                // Lines far longer than the picture are slow to draw.
                painter.drawLine(QPointF(std::max(left, area.left() - step), y),
                    QPointF(std::min(right, area.right() + step), y));
                painter.drawLine(QPointF(from.center().x(), from.bottom()), QPointF(from.center().x(), y));
            }
            if ((box.center().x() - drawn) * scale < 1)
                continue;
            drawn = box.center().x();
            const auto &node = m_model->facts().nodes[std::size_t(child)];
            painter.setPen(QPen(theme.axis(), items::planEdgeWidth(node),
                node.isNeverExecuted() ? Qt::DotLine : Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(QPointF(box.center().x(), y), QPointF(box.center().x(), box.top()));
        }
    }
}

void PlanDiagram::paintEdge(QPainter &painter, const Theme &theme, int child, double) const
{
    const auto &node = m_model->facts().nodes[std::size_t(child)];
    const QRectF to = m_layout.box(child), from = m_layout.box(m_layout.parent(child));
    const QPointF start(from.center().x(), from.bottom()), end(to.center().x(), to.top());
    const double middle = (start.y() + end.y()) / 2;
    QPainterPath path(start);
    path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), middle), end);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(translucent(theme.axis(), 190), items::planEdgeWidth(node),
        node.isNeverExecuted() ? Qt::DotLine : Qt::SolidLine, Qt::FlatCap));
    painter.drawPath(path);
}

void PlanDiagram::paintSmall(QPainter &painter, const Theme &theme, const QRectF &area, double scale)
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    const double step = m_layout.size().height + m_layout.size().gapY;
    const auto [top, bottom] = m_layout.levelsBetween(area.top(), area.bottom());
    const double pixel = 1 / scale;
    if (step * scale > 3)
        paintEdges(painter, theme, area, scale);
    painter.setPen(Qt::NoPen);
    double drawnRow = -std::numeric_limits<double>::infinity();
    const auto fill = [&](int node) {
        QRectF box = m_layout.box(node);
        box.setSize(box.size().expandedTo(QSizeF(1.5 * pixel, 1.5 * pixel)));
        painter.fillRect(box, colourOf(m_values[std::size_t(node)], m_colouring, theme));
        if (box.height() * scale > 8)
            painter.fillRect(QRectF(box.left(), box.top(), box.width(), pixel), theme.axis());
    };
    for (int depth = top; depth < bottom; ++depth) {
        if ((depth * step - drawnRow) * scale < 1)
            continue;
        drawnRow = depth * step;
        const auto [first, last] = m_layout.positionsBetween(depth, area.left(), area.right());
        double drawn = -std::numeric_limits<double>::infinity();
        for (int i = first; i < last; ++i) {
            const int node = m_layout.level(depth)[std::size_t(i)];
            const double x = m_layout.box(node).left();
            if ((x - drawn) * scale < 1)
                continue;
            drawn = x;
            fill(node);
        }
    }
    // What must not be lost between the pixels.
    const int hottest = m_model->facts().hottest();
    for (const int node : {hottest, m_current}) {
        if (node < 0 || !m_layout.isShown(node))
            continue;
        fill(node);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(node == m_current ? theme.selectionBorder() : theme.text(), 2 * pixel));
        painter.drawRect(m_layout.box(node).adjusted(-2 * pixel, -2 * pixel, 2 * pixel, 2 * pixel));
        painter.setPen(Qt::NoPen);
    }
}

const PlanDiagram::Elided &PlanDiagram::elided(int node)
{
    const auto found = m_elided.find(node);
    if (found != m_elided.end())
        return found->second;
    const items::PlanBox box = items::planBox(m_model->facts(), node);
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(font()), boldMetrics(bold);
    const double room = m_layout.size().width - 2 * kPad;
    Elided out;
    out.title = boldMetrics.elidedText(box.title, Qt::ElideRight, room);
    out.object = metrics.elidedText(box.object, Qt::ElideMiddle, room);
    out.share = box.share;
    out.time = metrics.elidedText(box.time, Qt::ElideRight, room - metrics.horizontalAdvance(box.share) - 6);
    out.rows = metrics.elidedText(box.rows, Qt::ElideRight, room);
    QFont small = font();
    small.setPointSizeF(font().pointSizeF() * 0.85);
    const QFontMetricsF smallMetrics(small);
    double used = 0;
    for (const items::PlanBadge &badge : box.badges) {
        const double width = smallMetrics.horizontalAdvance(badge.text) + 2 * kBadgePad;
        if (used + width > room)
            continue;
        out.badges.emplace_back(badge, width);
        used += width + 4;
    }
    return m_elided.emplace(node, std::move(out)).first->second;
}

void PlanDiagram::paintBox(QPainter &painter, const Theme &theme, int node, double scale)
{
    const QRectF box = m_layout.box(node);
    const bool isNever = m_model->facts().nodes[std::size_t(node)].isNeverExecuted();
    const double value = m_values[std::size_t(node)];
    const QColor tone = colourOf(value, m_colouring, theme);
    const bool isCurrent = node == m_current;
    painter.setPen(isCurrent
            ? QPen(theme.selectionBorder(), 2.6)
            : QPen(node == m_hover ? theme.text() : theme.axis(), 1, isNever ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(theme.background());
    painter.drawRoundedRect(box, 5, 5);
    if (!std::isnan(value)) {
        const double strength = m_colouring == items::PlanColouring::Estimate ? std::abs(value) : value;
        painter.fillRect(box.adjusted(1.5, 1.5, -1.5, -1.5), translucent(tone, int(12 + 62 * strength)));
    } else {
        painter.fillRect(box.adjusted(1.5, 1.5, -1.5, -1.5), theme.alternate());
    }
    painter.fillRect(QRectF(box.left() + 1.5, box.top() + 4, 4, box.height() - 8), tone);
    if (isCurrent)
        painter.fillRect(box.adjusted(1.5, 1.5, -1.5, -1.5), theme.selection());
    if (scale >= kTextScale) {
        paintLines(painter, theme, node, box);
    } else {
        const Elided &texts = elided(node);
        QFont large = font();
        large.setBold(true);
        large.setPointSizeF(font().pointSizeF() * 1.5);
        painter.setFont(large);
        painter.setPen(isNever ? theme.mutedText() : theme.text());
        const QRectF half(box.left() + kPad, box.top() + 8, box.width() - 2 * kPad, box.height() / 2 - 8);
        painter.drawText(half, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            QFontMetricsF(large).elidedText(texts.title, Qt::ElideRight, half.width()));
        painter.drawText(half.translated(0, half.height()),
            Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            texts.share.isEmpty() ? texts.time : texts.share);
        painter.setFont(font());
    }
    paintChip(painter, theme, node);
}

void PlanDiagram::paintLines(QPainter &painter, const Theme &theme, int node, const QRectF &box)
{
    const Elided &texts = elided(node);
    const bool isNever = m_model->facts().nodes[std::size_t(node)].isNeverExecuted();
    QRectF line(box.left() + kPad, box.top() + kTop, box.width() - 2 * kPad, kLine);
    constexpr int kLeft = Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine;
    constexpr int kRight = Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine;
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(isNever ? theme.mutedText() : theme.text());
    painter.drawText(line, kLeft, texts.title);
    painter.setFont(font());
    line.translate(0, kLine);
    painter.setPen(theme.mutedText());
    painter.drawText(line, kLeft, texts.object);
    line.translate(0, kLine + 2);
    const std::optional<double> share = m_model->facts().selfShare(m_model->facts().nodes[std::size_t(node)]);
    if (share && *share > 0 && !isNever) {
        QRectF bar = line.adjusted(-2, 0, 2, 0);
        bar.setWidth(bar.width() * std::min(1.0, *share));
        const QColor tone = *share >= 0.4 ? theme.critical() : *share >= 0.1 ? theme.warning() : theme.info();
        painter.fillRect(bar, translucent(tone, theme.isDark() ? 110 : 70));
    }
    painter.setPen(isNever ? theme.mutedText() : theme.text());
    painter.drawText(line, kLeft, texts.time);
    painter.drawText(line, kRight, texts.share);
    line.translate(0, kLine + 1);
    painter.setPen(theme.mutedText());
    painter.drawText(line, kLeft, texts.rows);
    paintBadges(painter, theme, texts, box);
}

void PlanDiagram::paintBadges(QPainter &painter, const Theme &theme, const Elided &texts,
    const QRectF &box) const
{
    if (texts.badges.empty())
        return;
    QFont small = font();
    small.setPointSizeF(font().pointSizeF() * 0.85);
    painter.setFont(small);
    QRectF place(box.left() + kPad, box.bottom() - kBadgeHeight - 7, 0, kBadgeHeight);
    for (const auto &[badge, width] : texts.badges) {
        place.setWidth(width);
        const QColor tone = badgeTone(theme, badge.level);
        painter.setPen(QPen(tone, 1));
        painter.setBrush(translucent(tone, badge.level >= 2 ? 60 : 25));
        painter.drawRoundedRect(place, 4, 4);
        painter.setPen(theme.text());
        painter.drawText(place, Qt::AlignCenter | Qt::TextSingleLine, badge.text);
        place.translate(width + 4, 0);
    }
    painter.setFont(font());
}

QRectF PlanDiagram::foldChip(int node) const
{
    if (m_layout.children(node).empty())
        return {};
    const QRectF box = m_layout.box(node);
    const double width = isFolded(node) ? 84 : 20;
    return {box.center().x() - width / 2, box.bottom() - 4, width, 17};
}

void PlanDiagram::paintChip(QPainter &painter, const Theme &theme, int node) const
{
    if (!isFolded(node) && node != m_hover)
        return;
    const QRectF chip = foldChip(node);
    if (chip.isNull())
        return;
    painter.setPen(QPen(theme.axis(), 1));
    painter.setBrush(theme.background());
    painter.drawRoundedRect(chip, 6, 6);
    painter.setPen(theme.text());
    painter.drawText(chip, Qt::AlignCenter | Qt::TextSingleLine,
        isFolded(node) ? tr("+ %1").arg(m_below[std::size_t(node)]) : QStringLiteral("−"));
}

QRectF PlanDiagram::miniMap() const
{
    const QRectF all = m_layout.bounds();
    const QRectF seen = visibleScene();
    if (m_layout.count() < 12 || (all.width() <= 1.3 * seen.width() && all.height() <= 1.3 * seen.height()))
        return {};
    // Plans may be a thousand times wider than high: each direction has a scale of its own.
    const double ratio = all.width() / std::max(1.0, all.height());
    QSizeF size = kMiniSize;
    if (ratio > size.width() / size.height())
        size.setHeight(std::max(46.0, size.width() / ratio));
    else
        size.setWidth(std::max(46.0, size.height() * ratio));
    return {width() - size.width() - 10, height() - size.height() - 10, size.width(), size.height()};
}

void PlanDiagram::paintMiniMap(QPainter &painter, const Theme &theme)
{
    const QRectF place = miniMap();
    if (place.isNull())
        return;
    const QRectF all = m_layout.bounds();
    const double xScale = (place.width() - 6) / all.width(), yScale = (place.height() - 6) / all.height();
    if (m_mini.isNull() || m_mini.size() != place.size().toSize()) {
        m_mini = QPixmap(place.size().toSize());
        m_mini.fill(theme.alternate());
        QPainter mini(&m_mini);
        int row = -1;
        for (int depth = 0; depth < m_layout.levels(); ++depth) {
            const std::vector<int> &nodes = m_layout.level(depth);
            const QRectF first = m_layout.box(nodes.front());
            const int y = int(3 + first.top() * yScale);
            if (y == row)
                continue;
            row = y;
            int drawn = -1;
            for (const int node : nodes) {
                const QRectF box = m_layout.box(node);
                const int x = int(3 + box.left() * xScale);
                if (x == drawn)
                    continue;
                drawn = x;
                mini.fillRect(QRectF(x, y, std::max(1.5, box.width() * xScale),
                                  std::max(1.5, box.height() * yScale)),
                    colourOf(m_values[std::size_t(node)], m_colouring, theme));
            }
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.drawPixmap(place.topLeft(), m_mini);
    painter.setPen(theme.axis());
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(place);
    const QRectF seen = visibleScene().intersected(all.adjusted(-40, -40, 40, 40));
    QRectF frame(place.left() + 3 + seen.left() * xScale, place.top() + 3 + seen.top() * yScale,
        std::max(4.0, seen.width() * xScale), std::max(4.0, seen.height() * yScale));
    painter.setPen(QPen(theme.selectionBorder(), 2));
    painter.setBrush(theme.selection());
    painter.drawRect(frame.intersected(place));
}

} // namespace tailscope::widgets
