// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planicicleview.h"

#include "items/planmodel.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using items::PlanIcicle;

namespace {

constexpr double kRow = 24;
constexpr double kLeastPixels = 0.5, kTextPixels = 36;
constexpr double kNotch = 120, kZoomStep = 1.25;
constexpr double kMostZoom = 1e-6; // of the whole, across the width

} // namespace

PlanIcicleCanvas::PlanIcicleCanvas(const items::PlanModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Flame graph of the plan"));
    setAccessibleDescription(tr("The table page holds the same nodes."));
}

void PlanIcicleCanvas::showPlan()
{
    m_icicle.build(m_model->facts(), m_weight);
    m_from = 0;
    m_to = 1;
    m_top = 0;
    m_current = m_hover = m_pressed = -1;
    update();
}

void PlanIcicleCanvas::setWeight(PlanIcicle::Weight weight)
{
    if (m_weight == weight)
        return;
    const int current = m_current;
    m_weight = weight;
    showPlan();
    setCurrent(current, true);
}

void PlanIcicleCanvas::clampView()
{
    const double span = std::clamp(m_to - m_from, kMostZoom, 1.0);
    m_from = std::clamp(m_from, 0.0, 1 - span);
    m_to = m_from + span;
    m_top = std::clamp(m_top, 0.0, std::max(0.0, m_icicle.levels() * kRow - height() + kRow));
}

void PlanIcicleCanvas::zoomBy(double factor, std::optional<double> aroundPixel)
{
    const double at = aroundPixel.value_or(width() / 2.0) / std::max(1, width());
    const double fixed = m_from + at * (m_to - m_from);
    const double span = std::clamp((m_to - m_from) / factor, kMostZoom, 1.0);
    m_from = fixed - at * span;
    m_to = m_from + span;
    clampView();
    update();
}

void PlanIcicleCanvas::zoomTo(int node)
{
    m_from = 0;
    m_to = 1;
    if (node >= 0 && !m_icicle.isEmpty() && m_icicle.value(node) > 0) {
        m_from = m_icicle.left(node);
        m_to = m_from + std::max(m_icicle.width(node), kMostZoom);
    }
    clampView();
    update();
}

void PlanIcicleCanvas::pan(const QPointF &pixels)
{
    const double shift = pixels.x() / std::max(1, width()) * (m_to - m_from);
    m_from -= shift;
    m_to -= shift;
    m_top -= pixels.y();
    clampView();
    update();
}

QRectF PlanIcicleCanvas::nodeRect(int node) const
{
    if (node < 0 || node >= m_icicle.count() || m_icicle.isEmpty())
        return {};
    const double scale = width() / (m_to - m_from);
    return {(m_icicle.left(node) - m_from) * scale, m_icicle.depth(node) * kRow - m_top,
        m_icicle.width(node) * scale, kRow};
}

int PlanIcicleCanvas::nodeAt(const QPointF &position) const
{
    const double share = m_from + position.x() / std::max(1, width()) * (m_to - m_from);
    return m_icicle.nodeAt(int(std::floor((position.y() + m_top) / kRow)), share);
}

void PlanIcicleCanvas::setCurrent(int node, bool reveal)
{
    const bool isNew = m_current != node;
    m_current = node < m_icicle.count() ? node : -1;
    if (reveal && m_current >= 0 && !m_icicle.isEmpty()) {
        const QRectF box = nodeRect(m_current);
        if (box.right() < 1 || box.left() > width() - 1)
            zoomTo(-1);
        if (box.top() < 0)
            m_top += box.top();
        else if (box.bottom() > height())
            m_top += box.bottom() - height();
        clampView();
    }
    update();
    if (isNew)
        announceValue(this, accessibleValue());
}

QString PlanIcicleCanvas::summary(int node) const
{
    if (node < 0 || std::size_t(node) >= m_model->facts().nodes.size())
        return {};
    const QString value = m_weight == PlanIcicle::Weight::Time
        ? tr("Width: %1 ms in it and below, %2 ms of it its own")
              .arg(m_icicle.value(node), 0, 'f', 3)
              .arg(m_icicle.own(node), 0, 'f', 3)
        : tr("Width: %1 blocks of 8 KiB in it and below, %2 of them its own")
              .arg(m_icicle.value(node), 0, 'f', 0)
              .arg(m_icicle.own(node), 0, 'f', 0);
    return value + QLatin1Char('\n') + m_model->cells().summary(node);
}

QString PlanIcicleCanvas::accessibleValue() const
{
    return summary(m_current).replace(QLatin1Char('\n'), QStringLiteral(", "));
}

QString PlanIcicleCanvas::toolTipAt(const QPoint &position) const { return summary(nodeAt(position)); }

QString PlanIcicleCanvas::label(int node) const
{
    QString text = m_model->cells().nodeTitle(node);
    const analysis::PlanFactsNode &facts = m_model->facts().nodes[std::size_t(node)];
    if (m_weight == PlanIcicle::Weight::Time)
        text += QStringLiteral("  ") + items::planMillis(m_icicle.value(node));
    else
        text += QStringLiteral("  ") + items::planBlocks(std::int64_t(m_icicle.value(node)));
    if (facts.workersLaunched)
        text += tr("  (%1 workers: below it the slowest process, or their mean)").arg(*facts.workersLaunched);
    return text;
}

void PlanIcicleCanvas::paintNode(QPainter &painter, const Theme &theme, int node, const QRectF &box) const
{
    const double own = m_icicle.own(node) / m_icicle.total();
    const QColor fill = theme.heat(0.08 + 0.92 * std::min(1.0, own));
    const QRectF inner = box.width() > 3 ? box.adjusted(0, 0, -1, -1) : box.adjusted(0, 0, 0, -1);
    painter.fillRect(inner, fill);
    if (node == m_hover)
        painter.fillRect(inner, theme.hover());
    if (box.width() < kTextPixels)
        return;
    QRectF place = inner.intersected(QRectF(0, inner.top(), width(), inner.height())).adjusted(5, 0, -4, 0);
    if (place.width() < kTextPixels - 10)
        return;
    painter.setPen(theme.textOn(fill));
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        painter.fontMetrics().elidedText(label(node), Qt::ElideRight, int(place.width())));
}

void PlanIcicleCanvas::paintEvent(QPaintEvent *)
{
    const Theme theme(palette());
    QPainter painter(this);
    painter.fillRect(rect(), theme.background());
    if (m_icicle.isEmpty()) {
        painter.setPen(theme.mutedText());
        painter.drawText(rect().adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap,
            m_weight == PlanIcicle::Weight::Time
                ? tr("The plan has no times. Run EXPLAIN (ANALYZE) to see where the time goes.")
                : tr("The plan has no buffers. Run EXPLAIN (ANALYZE, BUFFERS) to see who touches which "
                     "blocks."));
        return;
    }
    const int first = std::max(0, int(m_top / kRow));
    const int last = std::min(m_icicle.levels(), int((m_top + height()) / kRow) + 1);
    for (int depth = first; depth < last; ++depth) {
        const auto [from, to] = m_icicle.positionsBetween(depth, m_from, m_to);
        double drawn = -1;
        for (int i = from; i < to; ++i) {
            const int node = m_icicle.level(depth)[std::size_t(i)];
            if (m_icicle.value(node) <= 0)
                continue;
            const QRectF box = nodeRect(node);
            // Neighbours thinner than a pixel share one.
            if (box.right() - drawn < kLeastPixels)
                continue;
            drawn = box.right();
            paintNode(painter, theme, node,
                box.width() < 1 ? QRectF(box.left(), box.top(), 1, box.height()) : box);
        }
    }
    if (const QRectF box = nodeRect(m_current); !box.isNull()) {
        painter.setPen(QPen(theme.selectionBorder(), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(box.intersected(QRectF(rect()).adjusted(1, -kRow, -1, kRow)).adjusted(1, 1, -2, -2));
    }
    if (hasFocus()) {
        painter.setPen(theme.selectionBorder());
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

bool PlanIcicleCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QString text = toolTipAt(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

void PlanIcicleCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_dragFrom = event->position();
    m_dragged = false;
    m_pressed = nodeAt(event->position());
}

void PlanIcicleCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (m_dragFrom) {
        const QPointF way = event->position() - *m_dragFrom;
        if (m_dragged || way.manhattanLength() >= QApplication::startDragDistance()) {
            m_dragged = true;
            pan(way);
            m_dragFrom = event->position();
        }
        return;
    }
    const int node = nodeAt(event->position());
    if (node == m_hover)
        return;
    m_hover = node;
    if (node >= 0)
        Q_EMIT hoverText(
            summary(node).section(QLatin1Char('\n'), 0, 1).replace(QLatin1Char('\n'), QStringLiteral(" — ")));
    update();
}

void PlanIcicleCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    const bool isClick = m_dragFrom && !m_dragged && event->button() == Qt::LeftButton;
    m_dragFrom.reset();
    if (isClick && m_pressed >= 0)
        Q_EMIT nodeChosen(m_pressed);
}

void PlanIcicleCanvas::mouseDoubleClickEvent(QMouseEvent *event) { zoomTo(nodeAt(event->position())); }

void PlanIcicleCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint delta = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier)
        pan(QPointF(0, delta.y() + delta.x()));
    else
        zoomBy(std::pow(kZoomStep, delta.y() / kNotch), event->position().x());
    event->accept();
}

void PlanIcicleCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool isShift = event->modifiers() & Qt::ShiftModifier;
    int next = m_current < 0 && m_icicle.count() > 0 ? 0 : m_current;
    switch (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier) ? 0 : event->key()) {
    case Qt::Key_Up:
        if (m_current >= 0 && m_icicle.parent(m_current) >= 0)
            next = m_icicle.parent(m_current);
        break;
    case Qt::Key_Down:
        if (const int child = m_icicle.widestChild(m_current); child >= 0)
            next = child;
        break;
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (isShift) {
            pan(QPointF(event->key() == Qt::Key_Left ? 60 : -60, 0));
            return;
        }
        if (m_current >= 0)
            next = m_icicle.neighbour(m_current, event->key() == Qt::Key_Left ? -1 : 1);
        break;
    case Qt::Key_Home:
        next = m_icicle.count() > 0 ? 0 : -1;
        break;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        pan(QPointF(0, event->key() == Qt::Key_PageUp ? height() / 2.0 : -height() / 2.0));
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_F:
        zoomTo(m_current);
        return;
    case Qt::Key_0:
        zoomTo(-1);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(kZoomStep);
        return;
    case Qt::Key_Minus:
        zoomBy(1 / kZoomStep);
        return;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    if (next >= 0 && next != m_current)
        Q_EMIT nodeChosen(next);
}

void PlanIcicleCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    const int node = event->reason() == QContextMenuEvent::Mouse ? nodeAt(event->pos()) : m_current;
    if (node >= 0)
        Q_EMIT nodeChosen(node);
    Q_EMIT menuRequested(event->globalPos(), node);
}

void PlanIcicleCanvas::leaveEvent(QEvent *)
{
    m_hover = -1;
    update();
}

PlanIciclePage::PlanIciclePage(items::PlanModel *model, QWidget *parent)
    : PlanPage(model, parent)
    , m_weight(new QComboBox(this))
    , m_note(new QLabel(this))
    , m_canvas(new PlanIcicleCanvas(model, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 3, 6, 3);
    bar->setSpacing(6);
    auto *label = new QLabel(tr("Width"), this);
    label->setBuddy(m_weight);
    m_weight->setAccessibleName(tr("Width"));
    m_weight->addItems({tr("Time"), tr("Buffers")});
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    bar->addWidget(label);
    bar->addWidget(m_weight);
    bar->addWidget(m_note, 1);
    layout->addLayout(bar);
    layout->addWidget(m_canvas, 1);
    connect(m_weight, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_canvas->setWeight(PlanIcicle::Weight(index));
        showNote();
    });
    connect(m_canvas, &PlanIcicleCanvas::nodeChosen, this, &PlanPage::nodeChosen);
    connect(m_canvas, &PlanIcicleCanvas::menuRequested, this, &PlanPage::menuRequested);
    connect(m_canvas, &PlanIcicleCanvas::hoverText, this, &PlanPage::statusText);
    setFocusProxy(m_canvas);
}

void PlanIciclePage::showPlan()
{
    m_canvas->showPlan();
    showNote();
}

void PlanIciclePage::showNode(int node) { m_canvas->setCurrent(node, true); }

QWidget *PlanIciclePage::focusTarget() { return m_canvas; }

int PlanIciclePage::weight() const { return m_weight->currentIndex(); }

void PlanIciclePage::setWeight(int weight)
{
    m_weight->setCurrentIndex(qBound(0, weight, m_weight->count() - 1));
}

void PlanIciclePage::showNote()
{
    const PlanIcicle &icicle = m_canvas->icicle();
    const bool isTime = m_weight->currentIndex() == 0;
    m_note->setText(icicle.isEmpty() ? QString()
            : isTime
            ? tr(
                "%1 in all. Uncovered = the node's own. An InitPlan is as wide as it took, not its user too.")
                  .arg(items::planMillis(icicle.total()))
            : tr("%1 hit and read in all. Uncovered = the node's own.")
                  .arg(items::planBlocks(std::int64_t(icicle.total()))));
    m_note->setToolTip(m_note->text());
}

} // namespace tailscope::widgets
