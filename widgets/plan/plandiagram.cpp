// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the diagram shows and from where; painting is in plandiagrampaint.cpp, input in plandiagraminput.cpp.
#include "widgets/plan/plandiagram.h"

#include "items/planmodel.h"
#include "widgets/base/theme.h"

#include <QEvent>
#include <QImage>
#include <QPainter>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>

#include <utility>

namespace tailscope::widgets {

namespace {

constexpr double kMargin = 20;
constexpr double kLeastReadable = 0.8, kLeastScale = 0.0005, kMostScale = 3;
/// A picture larger than this in either direction is made smaller as a whole.
constexpr double kMaxPixels = 12'000, kMostPixels = 3e7; ///< the latter in all

} // namespace

PlanDiagram::PlanDiagram(const items::PlanModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Diagram of the plan"));
    setAccessibleDescription(tr("The table page holds the same nodes."));
}

void PlanDiagram::showPlan()
{
    const std::size_t nodes = m_model->facts().nodes.size();
    m_folded.assign(nodes, false);
    m_below.assign(nodes, 0);
    for (std::size_t i = nodes; i-- > 0;) {
        if (const int parent = m_model->facts().nodes[i].parent; parent >= 0)
            m_below[std::size_t(parent)] += m_below[i] + 1;
    }
    m_elided.clear();
    m_current = m_hover = m_pressed = -1;
    m_wantsAll = true;
    m_isShownOnce = false;
    m_isPlaced = isVisible();
    setColouring(m_colouring);
    rebuild();
    showReadable();
}

void PlanDiagram::rebuild()
{
    std::vector<int> parents;
    parents.reserve(m_model->facts().nodes.size());
    for (const analysis::PlanFactsNode &node : m_model->facts().nodes)
        parents.push_back(node.parent);
    m_layout.build(parents, m_folded);
    m_mini = {};
    update();
}

void PlanDiagram::setColouring(items::PlanColouring colouring)
{
    m_colouring = colouring;
    m_values = items::planColourValues(m_model->facts(), colouring);
    m_mini = {};
    update();
}

QRectF PlanDiagram::visibleScene() const { return {m_origin, QSizeF(width(), height()) / m_scale}; }

QRectF PlanDiagram::boxOnWidget(int node) const
{
    const QRectF box = m_layout.box(node);
    return box.isNull() ? QRectF() : QRectF((box.topLeft() - m_origin) * m_scale, box.size() * m_scale);
}

void PlanDiagram::fitAll()
{
    const QRectF all = m_layout.bounds();
    if (all.isEmpty())
        return;
    m_scale
        = std::clamp(std::min((width() - 2 * kMargin) / all.width(), (height() - 2 * kMargin) / all.height()),
            kLeastScale, 1.0);
    m_origin = all.center() - QPointF(width(), height()) / (2 * m_scale);
    if (all.height() * m_scale < height() - 2 * kMargin)
        m_origin.setY(-kMargin / m_scale);
    m_wantsAll = true;
    update();
}

void PlanDiagram::showReadable()
{
    if (width() < 2 || height() < 2)
        return;
    fitAll();
    if (m_scale >= kLeastReadable)
        return;
    m_scale = kLeastReadable;
    const int node = m_current >= 0 ? m_current : 0;
    const QRectF box = m_layout.box(node);
    if (!box.isNull())
        m_origin = box.center() - QPointF(width(), height()) / (2 * m_scale);
    clampOrigin();
    m_wantsAll = false;
    update();
}

void PlanDiagram::fitCurrent()
{
    const QRectF box = m_layout.box(m_current);
    if (box.isNull())
        return;
    m_wantsAll = false;
    m_scale = std::max(m_scale, 1.0);
    m_origin = box.center() - QPointF(width(), height()) / (2 * m_scale);
    update();
}

void PlanDiagram::zoomBy(double factor, std::optional<QPointF> around)
{
    const QPointF fixed = around.value_or(QPointF(width() / 2.0, height() / 2.0));
    const QPointF place = toScene(fixed);
    m_scale = std::clamp(m_scale * factor, kLeastScale, kMostScale);
    m_origin = place - fixed / m_scale;
    m_wantsAll = false;
    clampOrigin();
    update();
}

void PlanDiagram::clampOrigin()
{
    // Some of the plan always stays in sight.
    const QRectF all = m_layout.bounds();
    const QSizeF view = QSizeF(width(), height()) / m_scale;
    const double x = 0.8 * view.width(), y = 0.8 * view.height();
    m_origin.setX(
        std::clamp(m_origin.x(), all.left() - x, std::max(all.left() - x, all.right() - view.width() + x)));
    m_origin.setY(
        std::clamp(m_origin.y(), all.top() - y, std::max(all.top() - y, all.bottom() - view.height() + y)));
}

void PlanDiagram::panBy(const QPointF &pixels)
{
    m_origin -= pixels / m_scale;
    m_wantsAll = false;
    clampOrigin();
    update();
}

void PlanDiagram::setCurrent(int node, bool show)
{
    if (node >= int(m_folded.size()))
        node = -1;
    const bool isNew = node != m_current;
    m_current = node;
    if (node >= 0 && !m_layout.isShown(node)) {
        for (int above = m_layout.parent(node); above >= 0; above = m_layout.parent(above))
            m_folded[std::size_t(above)] = false;
        rebuild();
    }
    if (!m_isShownOnce) {
        m_isShownOnce = true;
        showReadable();
    } else if (show) {
        reveal(node);
    }
    update();
    if (isNew)
        announceValue(this, accessibleValue());
}

void PlanDiagram::reveal(int node)
{
    const QRectF box = boxOnWidget(node);
    const QRectF inside = QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin);
    if (box.isNull() || inside.contains(box))
        return;
    // Far away: in the middle; near: as little as needed.
    QPointF move;
    if (!inside.adjusted(-width() / 2.0, -height() / 2.0, width() / 2.0, height() / 2.0).intersects(box)) {
        move = inside.center() - box.center();
    } else {
        move.setX(box.left() < inside.left() ? inside.left() - box.left()
                                             : std::min(0.0, inside.right() - box.right()));
        move.setY(box.top() < inside.top() ? inside.top() - box.top()
                                           : std::min(0.0, inside.bottom() - box.bottom()));
    }
    const bool wantsAll = m_wantsAll;
    panBy(move);
    m_wantsAll = wantsAll && move.isNull();
}

bool PlanDiagram::isFolded(int node) const
{
    return node >= 0 && node < int(m_folded.size()) && m_folded[std::size_t(node)];
}

void PlanDiagram::toggleFold(int node)
{
    if (node < 0 || node >= int(m_folded.size()) || m_layout.children(node).empty())
        return;
    const QPointF before = boxOnWidget(node).topLeft();
    m_folded[std::size_t(node)] = !m_folded[std::size_t(node)];
    rebuild();
    // The node stays where the eye is.
    m_origin += (boxOnWidget(node).topLeft() - before) / m_scale;
    if (m_current >= 0 && !m_layout.isShown(m_current))
        Q_EMIT nodeChosen(node);
    update();
}

void PlanDiagram::unfoldAll()
{
    std::fill(m_folded.begin(), m_folded.end(), false);
    rebuild();
    clampOrigin();
}

void PlanDiagram::resizeEvent(QResizeEvent *)
{
    if (m_wantsAll)
        showReadable();
}

void PlanDiagram::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    // A page behind the others has no size of its own before.
    if (!std::exchange(m_isPlaced, true))
        showReadable();
}

void PlanDiagram::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        m_elided.clear();
        m_mini = {};
    }
    QWidget::changeEvent(event);
}

QString PlanDiagram::accessibleValue() const
{
    if (m_current < 0 || m_current >= int(m_model->facts().nodes.size()))
        return {};
    return m_model->cells().summary(m_current).replace(QLatin1Char('\n'), QStringLiteral(", "));
}

QString PlanDiagram::exportPicture(const QString &path)
{
    const QRectF all = m_layout.bounds().adjusted(-kMargin, -kMargin, kMargin, kMargin);
    if (m_layout.count() == 0)
        return tr("There is no plan to draw.");
    const bool isSvg = path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive);
    const double scale = isSvg ? 1.0
                               : std::min({1.0, kMaxPixels / std::max(all.width(), all.height()),
                                   std::sqrt(kMostPixels / (all.width() * all.height()))});
    const QSize size(std::max(1, int(std::ceil(all.width() * scale))),
        std::max(1, int(std::ceil(all.height() * scale))));
    const Theme theme(palette());
    const auto draw = [&](QPainter &painter) {
        painter.fillRect(QRect(QPoint(), size), theme.background());
        painter.scale(scale, scale);
        painter.translate(-all.topLeft());
        painter.setFont(font());
        paintScene(painter, theme, all, scale);
    };
    QString problem
        = tr("%1 could not be written. Choose another folder or one of the endings .png and .svg.").arg(path);
    if (isSvg) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(), size));
        generator.setTitle(tr("Plan"));
        QPainter painter;
        if (!painter.begin(&generator))
            return problem;
        draw(painter);
        return {};
    }
    QImage image(size, QImage::Format_RGB32);
    if (image.isNull())
        return problem;
    QPainter painter(&image);
    draw(painter);
    painter.end();
    return image.save(path) ? QString() : problem;
}

} // namespace tailscope::widgets
