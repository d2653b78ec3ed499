// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/sessions/timestrip.h"

#include "session/sessioncontext.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"
#include "widgets/sessions/sessiontones.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kMargin = 8;

} // namespace

TimeStrip::TimeStrip(const session::SessionContext *context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    installCanvasAccessibility();
}

void TimeStrip::setContent(const QString &title, TimeRange window, QVector<StripBlock> blocks,
    const QString &topText)
{
    m_title = title;
    m_topText = topText;
    m_window = window;
    m_blocks = std::move(blocks);
    if (m_current >= m_blocks.size())
        m_current = -1;
    update();
}

void TimeStrip::setMoment(Nanos moment)
{
    if (moment == m_moment)
        return;
    m_moment = moment;
    update();
}

QRect TimeStrip::plotRect() const
{
    const int line = fontMetrics().height();
    return rect().adjusted(kMargin, line + 6, -kMargin, -(line + 10));
}

double TimeStrip::xOf(Nanos t) const
{
    const QRect plot = plotRect();
    return TimeScale(m_window, plot.left(), plot.width()).toX(t);
}

int TimeStrip::blockAt(const QPoint &position) const
{
    if (m_window.isEmpty())
        return -1;
    for (int i = 0; i < m_blocks.size(); ++i) {
        const double left = xOf(m_blocks[i].time.begin), right = xOf(m_blocks[i].time.end);
        if (position.x() >= left && position.x() < std::max(right, left + 1))
            return i;
    }
    return -1;
}

QString TimeStrip::textOf(const StripBlock &block) const
{
    return m_context->timeText(block.time.begin) + QStringLiteral(": ") + block.toolTip;
}

QString TimeStrip::accessibleValue() const
{
    return m_current >= 0 && m_current < m_blocks.size() ? textOf(m_blocks[m_current]) : m_title;
}

void TimeStrip::setCurrent(int block)
{
    if (block == m_current)
        return;
    m_current = block;
    update();
    const QString text = block >= 0 ? textOf(m_blocks[block]) : QString();
    Q_EMIT readoutChanged(text);
    announceValue(this, text);
}

void TimeStrip::choose(int block)
{
    if (block < 0 || block >= m_blocks.size())
        return;
    const StripBlock &chosen = m_blocks[block];
    Q_EMIT momentChosen(chosen.moment == kUnknownNanos ? chosen.time.begin : chosen.moment);
}

bool TimeStrip::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int block = blockAt(help->pos());
        if (block >= 0)
            QToolTip::showText(help->globalPos(), textOf(m_blocks[block]), this);
        else
            QToolTip::showText(help->globalPos(), tr("Not sampled"), this);
        return true;
    }
    return QWidget::event(event);
}

void TimeStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    const QRect plot = plotRect();
    const int line = fontMetrics().height();
    painter.setPen(theme.text());
    const int topWidth = m_topText.isEmpty() ? 0 : fontMetrics().horizontalAdvance(m_topText) + 12;
    painter.drawText(QRect(kMargin, 2, width() - 2 * kMargin - topWidth, line),
        Qt::AlignLeft | Qt::AlignVCenter,
        fontMetrics().elidedText(m_title, Qt::ElideRight, width() - 2 * kMargin - topWidth));
    painter.setPen(theme.mutedText());
    painter.drawText(QRect(kMargin, 2, width() - 2 * kMargin, line), Qt::AlignRight | Qt::AlignVCenter,
        m_topText);
    // What was not sampled stays hatched.
    painter.fillRect(plot, QBrush(theme.grid(), Qt::BDiagPattern));
    if (m_window.isEmpty())
        return;
    for (int i = 0; i < m_blocks.size(); ++i) {
        const StripBlock &block = m_blocks[i];
        const double left = std::max(xOf(block.time.begin), double(plot.left()));
        const double right = std::min(std::max(xOf(block.time.end), left + 1), double(plot.right() + 1));
        if (right <= left)
            continue;
        const QRectF whole(left, plot.top(), right - left, plot.height());
        painter.fillRect(whole, i == m_current && hasFocus() ? theme.hover() : theme.alternate());
        const double height = std::clamp(block.height, 0.0, 1.0) * plot.height();
        if (height <= 0)
            continue;
        const QRectF bar(left, plot.bottom() + 1 - std::max(2.0, height), right - left,
            std::max(2.0, height));
        const QColor color = toneColor(theme, block.tone);
        painter.fillRect(bar, color);
        if (!block.text.isEmpty() && bar.width() > 24) {
            painter.setPen(theme.textOn(color));
            painter.drawText(bar.adjusted(4, 0, -2, 0), Qt::AlignLeft | Qt::AlignVCenter,
                fontMetrics().elidedText(block.text, Qt::ElideRight, int(bar.width()) - 6));
            painter.setPen(theme.background());
            painter.drawLine(bar.topRight(), bar.bottomRight());
        }
    }
    if (m_current >= 0 && m_current < m_blocks.size() && hasFocus()) {
        const double left = xOf(m_blocks[m_current].time.begin), right = xOf(m_blocks[m_current].time.end);
        painter.setPen(QPen(theme.selectionBorder(), 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(left, plot.top(), std::max(2.0, right - left), plot.height()));
    }
    if (m_moment != kUnknownNanos && m_moment >= m_window.begin && m_moment <= m_window.end) {
        painter.setPen(QPen(theme.text(), 2));
        const double x = std::min(xOf(m_moment), double(plot.right()));
        painter.drawLine(QPointF(x, plot.top() - 3), QPointF(x, plot.bottom() + 3));
    }
    paintTimeAxis(painter, QRect(plot.left(), plot.bottom() + 2, plot.width(), line + 6),
        TimeScale(m_window, plot.left(), plot.width()), *m_context);
}

void TimeStrip::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    const int block = blockAt(event->pos());
    setCurrent(block);
    choose(block);
}

void TimeStrip::mouseMoveEvent(QMouseEvent *event)
{
    const int block = blockAt(event->pos());
    Q_EMIT readoutChanged(block < 0 ? QString() : textOf(m_blocks[block]));
}

void TimeStrip::leaveEvent(QEvent *) { Q_EMIT readoutChanged({}); }

void TimeStrip::keyPressEvent(QKeyEvent *event)
{
    const int last = int(m_blocks.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left:
        return setCurrent(m_current < 0 ? last : std::max(0, m_current - 1));
    case Qt::Key_Right:
        return setCurrent(std::min(last, m_current + 1));
    case Qt::Key_Home:
        return setCurrent(std::min(last, 0));
    case Qt::Key_End:
        return setCurrent(last);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return choose(m_current);
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace tailscope::widgets
