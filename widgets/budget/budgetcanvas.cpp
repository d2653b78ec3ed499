// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/budget/budgetcanvas.h"

#include "base/text.h"
#include "widgets/base/theme.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::BudgetState;
using items::BudgetBar;

namespace {

QString ms(double value)
{
    const std::string text = humanMillis(value);
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

/// 1, 2 or 5 times a power of ten, so that about `count` steps fit.
double niceStep(double range, int count)
{
    const double raw = range / std::max(1, count);
    const double power = std::pow(10.0, std::floor(std::log10(std::max(raw, 1e-9))));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power)
            return factor * power;
    }
    return 10 * power;
}

QColor colorOf(const Theme &theme, const BudgetBar &bar)
{
    if (bar.isAsync || bar.isUnaccounted)
        return theme.mutedText();
    switch (bar.state) {
    case BudgetState::Over:
        return theme.critical();
    case BudgetState::Warning:
        return theme.warning();
    case BudgetState::Ok:
    case BudgetState::Unmeasured:
        break;
    }
    return theme.series(0);
}

/// Never by colour alone.
QString markOf(const BudgetBar &bar)
{
    if (bar.isAsync || bar.isUnaccounted)
        return {};
    return bar.state == BudgetState::Over   ? QStringLiteral("✗ ")
        : bar.state == BudgetState::Warning ? QStringLiteral("! ")
                                            : QString();
}

} // namespace

BudgetCanvas::BudgetCanvas(QWidget *parent)
    : QWidget(parent)
{
    installCanvasAccessibility();
    setAccessibleName(tr("Waterfall of the budget"));
    setFocusPolicy(Qt::StrongFocus);
}

void BudgetCanvas::setBars(const std::vector<BudgetBar> &bars, double workingMs, double targetMs)
{
    m_bars = bars;
    m_working = workingMs;
    m_target = targetMs;
    m_end = std::max(1e-6, targetMs);
    for (const BudgetBar &bar : m_bars) {
        for (const auto &length : {bar.length, bar.p95, bar.budget}) {
            // Of the percentiles beyond the bar only what is near: one outlier would flatten the rest.
            if (length && std::isfinite(*length))
                m_end = std::max(m_end, bar.start + *length);
        }
        if (bar.p99 && bar.length && *bar.p99 < 3 * std::max(*bar.length, targetMs))
            m_end = std::max(m_end, bar.start + *bar.p99);
    }
    m_current = std::min(m_current, int(m_bars.size()) - 1);
    updateGeometry();
    update();
    announceValue(this, accessibleValue());
}

void BudgetCanvas::setCurrent(int bar)
{
    if (bar < 0 || bar >= int(m_bars.size()) || bar == m_current)
        return;
    m_current = bar;
    update();
    announceValue(this, accessibleValue());
    Q_EMIT currentChanged(bar);
}

QSize BudgetCanvas::sizeHint() const
{
    return {900, int(top() + rowHeight() * double(std::max<std::size_t>(m_bars.size(), 4)) + 10)};
}

double BudgetCanvas::rowHeight() const
{
    const double least = fontMetrics().height() + 8;
    if (m_bars.empty())
        return least;
    return std::clamp((height() - top() - 8) / double(m_bars.size()), least, 2.4 * fontMetrics().height());
}

double BudgetCanvas::labelWidth() const
{
    int widest = 60;
    QFont bold = font();
    bold.setBold(true);
    const QFontMetrics metrics(bold); // the total is written bold
    for (const BudgetBar &bar : m_bars)
        widest = std::max(widest, metrics.horizontalAdvance(bar.name));
    return std::min<double>(widest + 26, std::max(120.0, width() * 0.24));
}

double BudgetCanvas::top() const { return 2.4 * fontMetrics().height() + 6; }

double BudgetCanvas::xOf(double value) const
{
    const double left = labelWidth(), right = width() - 150.0; // the figures stand right of the bars
    return left + value / m_end * std::max(40.0, right - left);
}

QRectF BudgetCanvas::rowRect(int bar) const
{
    return {0, top() + bar * rowHeight(), double(width()), rowHeight()};
}

QRectF BudgetCanvas::barRect(int index) const
{
    const BudgetBar &bar = m_bars[std::size_t(index)];
    if (!bar.length)
        return {};
    const QRectF row = rowRect(index);
    const double x = xOf(bar.start);
    return {x, row.top() + row.height() * 0.24, std::max(1.5, xOf(bar.start + *bar.length) - x),
        row.height() * 0.52};
}

int BudgetCanvas::barAt(const QPointF &position) const
{
    if (position.y() < top())
        return -1;
    const int bar = int((position.y() - top()) / rowHeight());
    return bar < int(m_bars.size()) ? bar : -1;
}

QString BudgetCanvas::accessibleValue() const
{
    if (m_current < 0 || m_current >= int(m_bars.size()))
        return tr("No component is chosen");
    return tr("%1 of %2: %3")
        .arg(m_current + 1)
        .arg(m_bars.size())
        .arg(m_bars[std::size_t(m_current)].toolTip);
}

void BudgetCanvas::paintAxis(QPainter &painter) const
{
    const Theme theme(palette());
    const double step = niceStep(m_end, std::max(2, int((xOf(m_end) - xOf(0)) / 110)));
    const double bottom = top() + rowHeight() * double(m_bars.size());
    for (double value = 0; value <= m_end + step * 1e-6; value += step) {
        const double x = std::round(xOf(value)) + 0.5;
        painter.setPen(theme.grid());
        painter.drawLine(QPointF(x, top()), QPointF(x, bottom));
        painter.setPen(theme.mutedText());
        painter.drawText(QRectF(x - 60, top() - fontMetrics().height() - 3, 120, fontMetrics().height()),
            Qt::AlignCenter, value > 0 ? ms(value) : QStringLiteral("0"));
    }
}

void BudgetCanvas::paintLimit(QPainter &painter, double value, const QColor &color, const QString &text,
    bool isRight) const
{
    if (!(value > 0) || value > m_end * 1.001)
        return;
    const double x = xOf(value);
    const double bottom = top() + rowHeight() * double(m_bars.size());
    const double line = fontMetrics().height();
    painter.setPen(QPen(color, 1.6, isRight ? Qt::SolidLine : Qt::DashLine));
    painter.drawLine(QPointF(x, line + 2), QPointF(x, bottom));
    const double w = fontMetrics().horizontalAdvance(text) + 6;
    const QRectF area(isRight ? x + 3 : x - w - 3, 1, w, line);
    painter.drawText(area, (isRight ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text);
}

void BudgetCanvas::paintBar(QPainter &painter, int index) const
{
    const Theme theme(palette());
    const BudgetBar &bar = m_bars[std::size_t(index)];
    const QRectF row = rowRect(index);
    const QColor color = colorOf(theme, bar);
    if (index == m_current) {
        painter.fillRect(row, hasFocus() ? theme.selection() : theme.hover());
    } else if (index % 2 == 1) {
        painter.fillRect(row, theme.alternate());
    }
    QFont name = font();
    name.setBold(bar.isTotal);
    painter.setFont(name);
    painter.setPen(bar.isAsync ? theme.mutedText() : theme.text());
    double indent = 8;
    if (bar.parallelGroup > 0) {
        // A bracket down the rows of one group.
        painter.drawLine(QPointF(10, row.top() + 3), QPointF(10, row.bottom() - 3));
        indent = 16;
    }
    const QRectF label(indent, row.top(), labelWidth() - indent - 8, row.height());
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(bar.name, Qt::ElideRight, int(label.width())));
    painter.setFont(font());
    if (bar.budget) {
        const double x = xOf(bar.start);
        QColor outline = theme.axis();
        painter.setPen(QPen(outline, 1.2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(x, row.top() + row.height() * 0.14,
            std::max(2.0, xOf(bar.start + *bar.budget) - x), row.height() * 0.72));
    }
    if (!bar.length)
        return;
    const QRectF filled = barRect(index);
    painter.setPen(Qt::NoPen);
    if (bar.isUnaccounted || bar.isAsync) {
        painter.setBrush(QBrush(color, Qt::BDiagPattern));
        painter.drawRect(filled);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 1));
        painter.drawRect(filled);
    } else {
        painter.setBrush(color);
        painter.drawRect(filled);
    }
}

void BudgetCanvas::paintMarks(QPainter &painter, int index) const
{
    const Theme theme(palette());
    const BudgetBar &bar = m_bars[std::size_t(index)];
    const QRectF row = rowRect(index);
    const double middle = row.center().y();
    double end = bar.length ? barRect(index).right() : xOf(bar.start);
    painter.setPen(QPen(theme.text(), 1.3));
    for (const auto &[value, half] :
        {std::pair{bar.p95, row.height() * 0.16}, {bar.p99, row.height() * 0.1}}) {
        if (!value || !bar.length || *value <= *bar.length)
            continue;
        const double x = xOf(std::min(bar.start + *value, m_end * 1.03));
        painter.drawLine(QPointF(end, middle), QPointF(x, middle));
        painter.drawLine(QPointF(x, middle - half), QPointF(x, middle + half));
        end = std::max(end, x);
    }
    if (bar.budget)
        end = std::max(end, xOf(bar.start + *bar.budget));
    if (bar.timeout && bar.start + *bar.timeout <= m_end) {
        const double x = xOf(bar.start + *bar.timeout), r = row.height() * 0.16;
        QPainterPath diamond(QPointF(x, middle - r));
        diamond.lineTo(x + r, middle);
        diamond.lineTo(x, middle + r);
        diamond.lineTo(x - r, middle);
        diamond.closeSubpath();
        painter.setPen(QPen(theme.text(), 1.2));
        painter.setBrush(theme.background());
        painter.drawPath(diamond);
        painter.setBrush(Qt::NoBrush);
        end = std::max(end, x + r);
    }
    QString text = markOf(bar) + bar.value;
    if (bar.timeout && bar.start + *bar.timeout > m_end)
        text += tr(" · time-out %1 →").arg(ms(*bar.timeout));
    painter.setPen(bar.state == BudgetState::Over && !bar.isAsync && !bar.isUnaccounted ? theme.critical()
            : bar.isAsync || !bar.length                                                ? theme.mutedText()
                                                                                        : theme.text());
    const double w = fontMetrics().horizontalAdvance(text) + 4;
    // Right of everything, or over the bar's left when the row is full.
    double x = end + 8;
    if (x + w > width() - 4)
        x = std::max(labelWidth() + 4, width() - 4 - w);
    const QRectF area(x, row.top(), w, row.height());
    if (x < end + 8)
        painter.fillRect(QRectF(x - 2, middle - fontMetrics().height() / 2.0, w + 2, fontMetrics().height()),
            theme.background());
    painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter, text);
}

void BudgetCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    if (m_bars.empty())
        return;
    for (int i = 0; i < int(m_bars.size()); ++i)
        if (rowRect(i).top() < height() && (i == m_current || i % 2 == 1))
            painter.fillRect(rowRect(i), i == m_current ? theme.hover() : theme.alternate());
    paintAxis(painter);
    for (int i = 0; i < int(m_bars.size()); ++i)
        paintBar(painter, i);
    paintLimit(painter, m_working, theme.warning(), tr("working budget %1").arg(ms(m_working)), false);
    paintLimit(painter, m_target, theme.critical(), tr("target %1").arg(ms(m_target)), true);
    for (int i = 0; i < int(m_bars.size()); ++i)
        paintMarks(painter, i);
}

void BudgetCanvas::keyPressEvent(QKeyEvent *event)
{
    const int last = int(m_bars.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Up:
        return setCurrent(std::max(0, m_current - 1));
    case Qt::Key_Down:
        return setCurrent(std::min(last, m_current + 1));
    case Qt::Key_Home:
        return setCurrent(0);
    case Qt::Key_End:
        return setCurrent(last);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            Q_EMIT activated(m_current);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void BudgetCanvas::mousePressEvent(QMouseEvent *event)
{
    setFocus(Qt::MouseFocusReason);
    setCurrent(barAt(event->position()));
}

void BudgetCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position()); bar >= 0)
        Q_EMIT activated(bar);
}

void BudgetCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    if (event->reason() == QContextMenuEvent::Mouse)
        setCurrent(barAt(event->pos()));
    Q_EMIT menuRequested(event->globalPos());
}

void BudgetCanvas::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    if (m_current < 0)
        setCurrent(0);
    update();
}

void BudgetCanvas::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool BudgetCanvas::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    auto *help = static_cast<QHelpEvent *>(event);
    const int bar = barAt(help->pos());
    if (bar >= 0)
        QToolTip::showText(help->globalPos(), m_bars[std::size_t(bar)].toolTip, this, rowRect(bar).toRect());
    else
        QToolTip::hideText();
    return true;
}

} // namespace tailscope::widgets
