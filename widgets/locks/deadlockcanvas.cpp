// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/locks/deadlockcanvas.h"

#include "widgets/base/theme.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTextLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tailscope::widgets {

namespace {

constexpr std::size_t kMaxDrawn = 12; // a larger cycle is told by the table

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Where the line from the centre of a box towards a point leaves it.
QPointF borderPoint(const QRectF &box, const QPointF &towards)
{
    const QPointF way = towards - box.center();
    if (way.isNull())
        return box.center();
    const double x = way.x() == 0 ? 1e9 : std::abs(box.width() / 2 / way.x());
    const double y = way.y() == 0 ? 1e9 : std::abs(box.height() / 2 / way.y());
    return box.center() + way * std::min(x, y);
}

/// As many lines as fit; the last one ends in an ellipsis when there is more.
void drawWrapped(QPainter &painter, const QRectF &area, const QString &text)
{
    QTextLayout layout(text, painter.font());
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    double y = area.top();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(area.width());
        if (y + line.height() > area.bottom() + 0.5)
            break;
        const bool isLast = y + 2 * line.height() > area.bottom() + 0.5;
        const QString rest = text.mid(line.textStart(), isLast ? -1 : line.textLength());
        painter.drawText(QPointF(area.left(), y + line.ascent()),
            isLast ? painter.fontMetrics().elidedText(rest, Qt::ElideRight, int(area.width())) : rest);
        y += line.height();
    }
    layout.endLayout();
}

} // namespace

DeadlockCanvas::DeadlockCanvas(QWidget *parent)
    : QWidget(parent)
{
    installCanvasAccessibility();
    setAccessibleName(tr("The cycle of the deadlock"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void DeadlockCanvas::setDeadlock(std::optional<items::Deadlock> deadlock)
{
    m_deadlock = std::move(deadlock);
    m_current = m_deadlock && !m_deadlock->processes.empty() ? 0 : -1;
    place();
    update();
    announceValue(this, accessibleValue());
}

void DeadlockCanvas::setCurrent(int process)
{
    if (!m_deadlock || process < 0 || process >= int(m_boxes.size()) || process == m_current)
        return;
    m_current = process;
    update();
    announceValue(this, accessibleValue());
    Q_EMIT currentChanged();
}

QRectF DeadlockCanvas::boxOf(int process) const { return m_boxes[std::size_t(process)]; }

void DeadlockCanvas::place()
{
    m_boxes.clear();
    if (!m_deadlock)
        return;
    const std::size_t n = std::min(kMaxDrawn, m_deadlock->processes.size());
    const double line = fontMetrics().height();
    const double w = std::clamp(width() * (n <= 2 ? 0.34 : n <= 4 ? 0.32 : 0.22), 90.0, 340.0);
    const double h = std::clamp(height() * (n <= 2 ? 0.62 : n <= 4 ? 0.26 : 0.18), 2.6 * line, 9.5 * line);
    const QPointF middle(width() / 2.0, height() / 2.0);
    const double rx = std::max(0.0, width() / 2.0 - w / 2 - 12),
                 ry = std::max(0.0, height() / 2.0 - h / 2 - 12);
    for (std::size_t i = 0; i < n; ++i) {
        // Two stand beside each other, more on an ellipse, the first on top.
        const double angle = 2 * std::numbers::pi * double(i) / double(n)
            + (n == 2 ? std::numbers::pi : -std::numbers::pi / 2);
        const QPointF centre = middle + QPointF(rx * std::cos(angle), n == 2 ? 0 : ry * std::sin(angle));
        m_boxes.emplace_back(centre.x() - w / 2, centre.y() - h / 2, w, h);
    }
}

int DeadlockCanvas::indexOfPid(std::int64_t pid) const
{
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        if (m_deadlock->processes[i].pid == pid)
            return int(i);
    }
    return -1;
}

int DeadlockCanvas::processAt(const QPointF &position) const
{
    for (std::size_t i = 0; i < m_boxes.size(); ++i) {
        if (m_boxes[i].contains(position))
            return int(i);
    }
    return -1;
}

QString DeadlockCanvas::describe(int process) const
{
    const items::DeadlockProcess &at = m_deadlock->processes[std::size_t(process)];
    QString lock = at.mode.empty() ? tr("a lock") : fromUtf8(at.mode);
    if (!at.waitsForText.empty())
        lock += tr(" on %1").arg(fromUtf8(at.waitsForText));
    if (!at.relation.empty())
        lock += tr(" of %1").arg(fromUtf8(at.relation));
    return tr("Process %1%2 waits for %3, held by process %4. %5")
        .arg(QString::number(at.pid), at.cancelled ? tr(" (cancelled)") : QString(), lock,
            QString::number(at.waitsFor),
            at.query.empty() ? tr("Its statement is unknown.") : fromUtf8(at.query));
}

QString DeadlockCanvas::accessibleValue() const
{
    if (m_current < 0)
        return tr("No deadlock is chosen");
    return tr("%1 of %2: %3").arg(m_current + 1).arg(m_boxes.size()).arg(describe(m_current));
}

void DeadlockCanvas::paintBox(QPainter &painter, int process) const
{
    const Theme theme(palette());
    const items::DeadlockProcess &at = m_deadlock->processes[std::size_t(process)];
    const QRectF box = m_boxes[std::size_t(process)];
    const bool isCurrent = process == m_current;
    painter.setPen(QPen(at.cancelled  ? theme.critical()
            : isCurrent && hasFocus() ? theme.selectionBorder()
                                      : theme.axis(),
        isCurrent ? 2.5 : 1.2, at.cancelled ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(theme.alternate());
    painter.drawRoundedRect(box, 6, 6);
    const QRectF inner = box.adjusted(8, 5, -8, -5);
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(at.cancelled ? theme.critical() : theme.text());
    const double line = painter.fontMetrics().height();
    const QString title
        = at.cancelled ? tr("✗ Process %1, cancelled").arg(at.pid) : tr("Process %1").arg(at.pid);
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(title, Qt::ElideRight, int(inner.width())));
    painter.setFont(font());
    painter.setPen(at.query.empty() ? theme.mutedText() : theme.text());
    drawWrapped(painter, inner.adjusted(0, line + 3, 0, 0),
        at.query.empty() ? tr("statement unknown") : fromUtf8(at.query).simplified());
}

void DeadlockCanvas::paintArrow(QPainter &painter, int from) const
{
    const items::DeadlockProcess &at = m_deadlock->processes[std::size_t(from)];
    const int to = indexOfPid(at.waitsFor);
    if (to < 0 || to == from)
        return;
    const Theme theme(palette());
    const QRectF &a = m_boxes[std::size_t(from)], &b = m_boxes[std::size_t(to)];
    const bool pair = m_boxes.size() == 2;
    // Of two, each way has its own height: one above the middle, one below.
    const double shift = pair ? (from == 0 ? -a.height() * 0.22 : a.height() * 0.22) : 0;
    QPointF start, end;
    if (pair) {
        const bool right = b.center().x() > a.center().x();
        start = QPointF(right ? a.right() : a.left(), a.center().y() + shift);
        end = QPointF(right ? b.left() : b.right(), b.center().y() + shift);
    } else {
        start = borderPoint(a, b.center());
        end = borderPoint(b, a.center());
    }
    const QColor color = from == m_current ? theme.selectionBorder() : theme.warning();
    painter.setPen(QPen(color, from == m_current ? 2.4 : 1.6));
    painter.drawLine(start, end);
    const double angle = std::atan2(end.y() - start.y(), end.x() - start.x());
    QPainterPath head(end);
    for (const double side : {0.42, -0.42})
        head.lineTo(end - QPointF(std::cos(angle + side), std::sin(angle + side)) * 10);
    painter.setBrush(color);
    painter.drawPath(head);
    QStringList lines{at.mode.empty() ? tr("a lock") : fromUtf8(at.mode)};
    lines << (at.relation.empty() ? fromUtf8(at.waitsForText) : fromUtf8(at.relation));
    const double line = painter.fontMetrics().height();
    const double room = pair ? std::abs(end.x() - start.x()) - 16 : 150;
    const QPointF middle = (start + end) / 2;
    double y = pair && from == 0 ? middle.y() - 2 * line - 4 : pair ? middle.y() + 4 : middle.y() - line;
    for (const QString &each : lines) {
        const QString shown
            = painter.fontMetrics().elidedText(each, Qt::ElideMiddle, int(std::max(20.0, room)));
        const double w = painter.fontMetrics().horizontalAdvance(shown);
        const QRectF area(middle.x() - w / 2, y, w, line);
        painter.fillRect(area.adjusted(-2, 0, 2, 0), theme.background());
        painter.setPen(theme.text());
        painter.drawText(area, Qt::AlignCenter, shown);
        y += line;
    }
}

void DeadlockCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    if (!m_deadlock || m_boxes.empty()) {
        painter.setPen(theme.mutedText());
        painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
            tr("Choose a deadlock to see its cycle."));
        return;
    }
    for (int i = 0; i < int(m_boxes.size()); ++i)
        paintArrow(painter, i);
    for (int i = 0; i < int(m_boxes.size()); ++i)
        paintBox(painter, i);
    if (m_deadlock->processes.size() > m_boxes.size()) {
        painter.setPen(theme.mutedText());
        painter.drawText(rect().adjusted(8, 4, -8, -4), Qt::AlignLeft | Qt::AlignBottom,
            tr("%1 more processes are in the table").arg(m_deadlock->processes.size() - m_boxes.size()));
    }
}

void DeadlockCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    place();
}

void DeadlockCanvas::keyPressEvent(QKeyEvent *event)
{
    const int n = int(m_boxes.size());
    if (event->matches(QKeySequence::Copy))
        Q_EMIT copyRequested();
    else if (n > 0 && event->key() == Qt::Key_Right)
        // Along the arrow: to the one that it waits for.
        setCurrent(std::max(0, indexOfPid(m_deadlock->processes[std::size_t(m_current)].waitsFor)));
    else if (n > 0 && event->key() == Qt::Key_Left)
        setCurrent((m_current + n - 1) % n);
    else
        QWidget::keyPressEvent(event);
}

void DeadlockCanvas::mousePressEvent(QMouseEvent *event)
{
    setCurrent(processAt(event->position()));
    QWidget::mousePressEvent(event);
}

void DeadlockCanvas::contextMenuEvent(QContextMenuEvent *event) { Q_EMIT menuRequested(event->globalPos()); }

void DeadlockCanvas::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void DeadlockCanvas::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool DeadlockCanvas::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int process = processAt(help->pos());
    if (process >= 0)
        QToolTip::showText(help->globalPos(), describe(process), this);
    else
        QToolTip::hideText();
    return true;
}

} // namespace tailscope::widgets
