// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series/seriesfoldcanvas.h"

#include "items/seriestext.h"
#include "widgets/base/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

SeriesFoldCanvas::SeriesFoldCanvas(QWidget *parent)
    : QWidget(parent)
{
    installCanvasAccessibility();
    setAccessibleName(tr("Medians by weekday and hour"));
    setFocusPolicy(Qt::StrongFocus);
}

void SeriesFoldCanvas::setFold(const items::FoldAnswer &fold)
{
    m_fold = fold;
    update();
}

QRect SeriesFoldCanvas::cellRect(int day, int hour) const
{
    const int left = fontMetrics().horizontalAdvance(QStringLiteral("Wed ")) + 8;
    const int top = 2 * fontMetrics().height() + 8;
    const double w = double(width() - left - 8) / 24, h = std::min(34.0, double(height() - top - 4) / 7);
    return {left + int(hour * w), top + int(day * h), int(w) - 1, std::max(2, int(h) - 1)};
}

QString SeriesFoldCanvas::cellText(int day, int hour) const
{
    const double value
        = m_fold.week.isEmpty ? std::nan("") : m_fold.week.values[std::size_t(day)][std::size_t(hour)];
    return tr("%1 %2:00: %3 (median of %4 samples)")
        .arg(QLocale::c().dayName(day + 1, QLocale::LongFormat))
        .arg(hour, 2, 10, QLatin1Char('0'))
        .arg(items::exactSeriesValue(value, m_fold.unit, m_fold.isRate))
        .arg(m_fold.week.isEmpty ? 0 : m_fold.week.n[std::size_t(day)][std::size_t(hour)]);
}

void SeriesFoldCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    painter.setPen(theme.text());
    const int line = fontMetrics().height();
    QString title
        = m_fold.week.isEmpty ? tr("Choose one series to see it by hour and weekday.") : m_fold.name;
    if (!m_fold.bands.isEmpty())
        title += tr("  \u00B7 stands out at %1").arg(m_fold.bands.join(QStringLiteral(", ")));
    else if (!m_fold.week.isEmpty)
        title += m_fold.days < 3
            ? tr("  \u00B7 %n day(s): too few to tell a band of the day", nullptr, m_fold.days)
            : tr("  \u00B7 no band of the day that recurs");
    painter.drawText(QRect(6, 2, width() - 12, line), Qt::AlignLeft | Qt::AlignVCenter,
        fontMetrics().elidedText(title, Qt::ElideRight, width() - 12));
    if (m_fold.week.isEmpty)
        return;
    for (int hour = 0; hour < 24; hour += width() < 700 ? 6 : 2) {
        const QRect cell = cellRect(0, hour);
        painter.setPen(theme.mutedText());
        painter.drawText(QRect(cell.left(), line + 4, 60, line), Qt::AlignLeft,
            QStringLiteral("%1:00").arg(hour, 2, 10, QLatin1Char('0')));
    }
    for (int day = 0; day < 7; ++day) {
        const QRect first = cellRect(day, 0);
        painter.setPen(theme.mutedText());
        painter.drawText(QRect(4, first.top(), first.left() - 8, first.height()),
            Qt::AlignLeft | Qt::AlignVCenter, QLocale::c().dayName(day + 1, QLocale::ShortFormat));
        for (int hour = 0; hour < 24; ++hour) {
            const double value = m_fold.week.values[std::size_t(day)][std::size_t(hour)];
            const QRect cell = cellRect(day, hour);
            if (std::isnan(value)) { // no samples: not the colour of a small value
                painter.setPen(theme.grid());
                painter.drawLine(cell.bottomLeft(), cell.topRight());
                continue;
            }
            const double span = m_fold.week.high - m_fold.week.low;
            const QColor fill = theme.heat(span > 0 ? (value - m_fold.week.low) / span : 0);
            painter.fillRect(cell, fill);
            const QString text = items::seriesValue(value, m_fold.unit, m_fold.isRate);
            if (fontMetrics().horizontalAdvance(text) + 2 > cell.width() || cell.height() < line)
                continue;
            painter.setPen(theme.textOn(fill));
            painter.drawText(cell, Qt::AlignCenter, text);
        }
    }
    if (hasFocus()) {
        painter.setPen(QPen(theme.text(), 2));
        painter.drawRect(cellRect(m_day, m_hour));
    }
}

void SeriesFoldCanvas::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        m_hour = std::max(0, m_hour - 1);
        break;
    case Qt::Key_Right:
        m_hour = std::min(23, m_hour + 1);
        break;
    case Qt::Key_Up:
        m_day = std::max(0, m_day - 1);
        break;
    case Qt::Key_Down:
        m_day = std::min(6, m_day + 1);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    update();
    announceValue(this, accessibleValue());
}

bool SeriesFoldCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && !m_fold.week.isEmpty) {
        const auto *help = static_cast<QHelpEvent *>(event);
        for (int day = 0; day < 7; ++day) {
            for (int hour = 0; hour < 24; ++hour) {
                if (cellRect(day, hour).contains(help->pos()))
                    QToolTip::showText(help->globalPos(), cellText(day, hour), this);
            }
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace tailscope::widgets
