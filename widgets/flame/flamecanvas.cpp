// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamecanvas.h"

#include "session/sessioncontext.h"
#include "widgets/base/timeaxis.h"

#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

/// Enough to walk back through an investigation; older steps are dropped.
constexpr std::size_t kMaxSteps = 100;
/// How much of what lies outside the shared range is covered, of 255.
constexpr int kVeil = 170;

} // namespace

FlameCanvas::FlameCanvas(session::SessionContext *context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_scrollBar(new QScrollBar(Qt::Vertical, this))
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Flame graph"));
    setAccessibleDescription(tr("Arrow keys move between frames, Enter zooms, Backspace goes back."));
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_scrollBar->hide();
    m_scrollBar->setFocusPolicy(Qt::NoFocus);
    m_scrollBar->setAccessibleName(tr("Depth"));
    connect(m_scrollBar, &QScrollBar::valueChanged, this,
        [this](int value) { setOffset(m_geometry.isUpward ? m_geometry.maxOffset() - value : value); });
    m_painter.setLook(palette(), font());
    m_geometry.rowHeight = std::max(18, fontMetrics().height() + 4);
}

void FlameCanvas::setScene(std::shared_ptr<FlameScene> scene)
{
    m_scene = std::move(scene);
    m_painter.forgetScene();
    m_stack.clear();
    m_focus = m_hover = m_zoomed = FlameScene::kNothing;
    m_drag.reset();
    m_low = 0;
    m_high = m_scene ? std::max(m_scene->extent(), m_scene->smallestWindow()) : 1;
    m_geometry.offset = 0;
    m_isLayoutStale = true;
    update();
    Q_EMIT windowChanged();
    Q_EMIT focusChanged();
}

void FlameCanvas::setUpward(bool upward)
{
    m_geometry.isUpward = upward;
    updateScrollBar();
    update();
}

void FlameCanvas::setColour(FlameColour colour)
{
    m_painter.setColour(colour);
    update();
}

void FlameCanvas::setSearching(bool searching)
{
    m_painter.setSearching(searching);
    update();
}

int FlameCanvas::axisHeight() const
{
    return m_scene && m_scene->isTimeAxis() ? 2 * fontMetrics().height() + 10 : 0;
}

double FlameCanvas::paneWidth() const
{
    return std::max(1, width() - (m_scrollBar->isHidden() ? 0 : m_scrollBar->width()));
}

void FlameCanvas::ensureLayout()
{
    if (!m_scene)
        return;
    m_geometry.top = axisHeight();
    m_geometry.height = std::max(0, height() - m_geometry.top);
    // The scroll bar takes width, which may change the rows: settled after at most two rounds.
    for (int round = 0; round < 2; ++round) {
        if (m_isLayoutStale || m_scene->isTimeAxis()) {
            const auto [first, last] = m_scene->isTimeAxis() ? m_geometry.visibleRows() : std::pair(0, 0);
            m_scene->layOut(m_low, m_high, paneWidth(), first, last);
        }
        const bool firstTime = m_geometry.rows == 0 && m_scene->rowCount() > 0;
        m_geometry.rows = m_scene->rowCount();
        const bool isTall = m_geometry.contentHeight() > m_geometry.height;
        const bool stale = isTall == m_scrollBar->isHidden();
        m_isLayoutStale = stale && !m_scene->isTimeAxis();
        m_scrollBar->setVisible(isTall);
        if (!stale && !firstTime)
            break;
    }
    m_isLayoutStale = false;
    m_geometry.offset = std::clamp(m_geometry.offset, 0, m_geometry.maxOffset());
    updateScrollBar();
}

void FlameCanvas::updateScrollBar()
{
    const QSignalBlocker blocker(m_scrollBar);
    const int size = m_scrollBar->sizeHint().width();
    m_scrollBar->setGeometry(width() - size, m_geometry.top, size, m_geometry.height);
    m_scrollBar->setRange(0, m_geometry.maxOffset());
    m_scrollBar->setPageStep(std::max(1, m_geometry.height));
    m_scrollBar->setSingleStep(m_geometry.rowHeight);
    m_scrollBar->setValue(
        m_geometry.isUpward ? m_geometry.maxOffset() - m_geometry.offset : m_geometry.offset);
}

void FlameCanvas::setOffset(int offset)
{
    const int wanted = std::clamp(offset, 0, m_geometry.maxOffset());
    if (wanted == m_geometry.offset)
        return;
    m_geometry.offset = wanted;
    updateScrollBar();
    update();
}

void FlameCanvas::applyWindow(const Window &window)
{
    m_low = window.low;
    m_high = window.high;
    m_zoomed = window.frame;
    m_isLayoutStale = true;
    update();
    Q_EMIT windowChanged();
}

void FlameCanvas::setWindow(double low, double high, bool remember)
{
    if (!m_scene)
        return;
    const double extent = std::max(m_scene->extent(), m_scene->smallestWindow());
    const double length = std::clamp(high - low, std::min(m_scene->smallestWindow(), extent), extent);
    const double begin = std::clamp(low, 0.0, extent - length);
    if (begin == m_low && begin + length == m_high)
        return;
    if (remember) {
        m_stack.push_back({m_low, m_high, m_zoomed});
        if (m_stack.size() > kMaxSteps)
            m_stack.erase(m_stack.begin());
    }
    applyWindow({begin, begin + length, FlameScene::kNothing});
}

void FlameCanvas::zoomToFrame(std::uint32_t id, bool remember)
{
    if (!m_scene || id == FlameScene::kNothing)
        return;
    auto [begin, end] = m_scene->placeOf(id);
    if (m_scene->isTimeAxis()) {
        const double margin = (end - begin) * 0.05;
        begin -= margin;
        end += margin;
    }
    setWindow(begin, end, remember);
    m_zoomed = id;
    setFocusedFrame(id, true);
    Q_EMIT windowChanged();
}

void FlameCanvas::zoomOut()
{
    if (m_stack.empty()) {
        resetZoom();
        return;
    }
    const Window window = m_stack.back();
    m_stack.pop_back();
    applyWindow(window);
}

void FlameCanvas::resetZoom()
{
    if (!m_scene || !isZoomed())
        return;
    m_stack.clear();
    applyWindow({0, std::max(m_scene->extent(), m_scene->smallestWindow()), FlameScene::kNothing});
}

bool FlameCanvas::isZoomed() const { return m_scene && (m_low > 0 || m_high < m_scene->extent()); }

std::uint32_t FlameCanvas::zoomedFrame() const
{
    if (!isZoomed() || m_zoomed != FlameScene::kNothing)
        return m_zoomed;
    std::uint32_t frame = FlameScene::kNothing;
    const double width = paneWidth();
    for (int row = 0; !m_isLayoutStale && row < m_scene->rowCount(); ++row) {
        const auto boxes = m_scene->row(row);
        if (boxes.size() != 1 || boxes[0].folded > 0 || boxes[0].x > 0.5F || boxes[0].w < float(width) - 1)
            break;
        frame = boxes[0].id;
    }
    return frame;
}

void FlameCanvas::zoomAround(double x, double factor)
{
    if (!m_scene)
        return;
    const double anchor = m_low + x / scale();
    const double length = (m_high - m_low) * factor;
    const double left = anchor - x / paneWidth() * length;
    setWindow(left, left + length, false);
}

void FlameCanvas::zoomBy(double factor) { zoomAround(paneWidth() / 2, factor); }

void FlameCanvas::panBy(double share)
{
    const double length = m_high - m_low;
    setWindow(m_low + share * length, m_high + share * length, false);
}

void FlameCanvas::setFocusedFrame(std::uint32_t id, bool reveal)
{
    if (!m_scene)
        return;
    const bool changed = m_focus != id;
    m_focus = id;
    if (reveal && id != FlameScene::kNothing) {
        ensureLayout();
        setOffset(m_geometry.offsetShowing(m_scene->rowOf(id)));
    }
    update();
    if (changed) {
        Q_EMIT focusChanged();
        announceValue(this, accessibleValue());
    }
}

QRect FlameCanvas::rectOf(int row, const FlameBox &box) const
{
    const int left = int(std::lround(box.x));
    const int right = std::max(left + 1, int(std::lround(box.x + box.w)));
    return {left, m_geometry.yOf(row), right - left, m_geometry.rowHeight};
}

QRect FlameCanvas::frameRect(std::uint32_t id)
{
    if (!m_scene || id == FlameScene::kNothing)
        return {};
    ensureLayout();
    const int row = m_scene->rowOf(id);
    const FlameBox *box = m_scene->boxOf(row, id);
    return box ? rectOf(row, *box) : QRect();
}

QPoint FlameCanvas::focusPoint()
{
    const QRect box = frameRect(m_focus).intersected(rect());
    return box.isEmpty() ? rect().center() : box.center();
}

QString FlameCanvas::accessibleValue() const
{
    return m_scene && m_focus != FlameScene::kNothing ? frameLine(m_scene->figures(m_focus), m_wording)
                                                      : tr("No frame focused");
}

void FlameCanvas::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    const Theme &theme = m_painter.theme();
    painter.fillRect(event->rect(), theme.background());
    if (!m_scene)
        return;
    ensureLayout();
    const int pane = int(paneWidth());
    if (m_scene->isTimeAxis()) {
        const TimeRange range{saturatingAdd(m_scene->origin(), Nanos(m_low)),
            saturatingAdd(m_scene->origin(), Nanos(m_high))};
        paintTimeAxis(painter, QRect(0, 0, pane, m_geometry.top), TimeScale(range, 0, pane), *m_context);
    }
    const QRect rows(0, m_geometry.top, pane, m_geometry.height);
    painter.setClipRect(rows);
    m_painter.paint(painter, *m_scene, m_geometry, rows.intersected(event->rect()));
    paintOutsideRange(painter, rows);
    if (const QRect hovered = frameRect(m_hover); !hovered.isEmpty())
        painter.fillRect(hovered.adjusted(0, 0, 0, -1), theme.hover());
    if (const QRect focused = frameRect(m_focus); !focused.isEmpty())
        m_painter.paintFocus(painter, focused, hasFocus());
}

void FlameCanvas::paintOutsideRange(QPainter &painter, const QRect &rows)
{
    const auto range = m_context->range();
    if (!range || !m_scene->isTimeAxis())
        return;
    const auto pixel = [&](Nanos t) {
        const double x = (double(saturatingSub(t, m_scene->origin())) - m_low) * scale();
        return int(std::lround(std::clamp(x, -2.0, rows.width() + 2.0)));
    };
    const int left = pixel(range->begin);
    const int right = std::max(left + 1, pixel(range->end));
    QColor veil = m_painter.theme().background();
    veil.setAlpha(kVeil);
    const int visibleRight = rows.right() + 1;
    painter.fillRect(QRect(0, rows.top(), std::max(0, left), rows.height()), veil);
    painter.fillRect(QRect(right, rows.top(), std::max(0, visibleRight - right), rows.height()), veil);
    painter.setPen(m_painter.theme().selectionBorder());
    painter.drawLine(left, rows.top(), left, rows.bottom());
    painter.drawLine(right, rows.top(), right, rows.bottom());
}

void FlameCanvas::resizeEvent(QResizeEvent *)
{
    m_isLayoutStale = true;
    ensureLayout();
}

void FlameCanvas::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange
        || event->type() == QEvent::StyleChange) {
        m_painter.setLook(palette(), font());
        m_geometry.rowHeight = std::max(18, fontMetrics().height() + 4);
        m_isLayoutStale = true;
        update();
    }
    QWidget::changeEvent(event);
}

} // namespace tailscope::widgets
