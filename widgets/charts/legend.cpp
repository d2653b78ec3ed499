// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/legend.h"

#include "widgets/base/theme.h"

#include <QPainter>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kMarkWidth = 18;
constexpr int kLeast = 70; // an entry in less room says nothing
constexpr int kMostText = 260;

int writeText(QPainter &painter, const QRect &line, int x, const QString &text, int room)
{
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, room);
    painter.drawText(QRect(x, line.top(), room, line.height()),
        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    return painter.fontMetrics().horizontalAdvance(shown);
}

} // namespace

int legendHeight(const QFontMetrics &metrics) { return metrics.height() + 6; }

int paintLegend(QPainter &painter, const QRect &line, const QString &title,
    const QVector<LegendEntry> &entries, const Theme &theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    int x = line.left();
    const int middle = line.center().y();
    if (!title.isEmpty()) {
        const QFont plain = painter.font();
        QFont bold = plain;
        bold.setBold(true);
        painter.setFont(bold);
        painter.setPen(theme.text());
        x += writeText(painter, line, x, title, line.width()) + 16;
        painter.setFont(plain);
    }
    for (const LegendEntry &entry : entries) {
        if (entry.text.isEmpty() || line.right() - x < kLeast)
            continue;
        switch (entry.mark) {
        case LegendEntry::Mark::Line:
            painter.setPen(QPen(entry.color, 2.5, entry.pen));
            painter.drawLine(x, middle, x + kMarkWidth, middle);
            break;
        case LegendEntry::Mark::Box:
            painter.fillRect(QRect(x + 4, middle - 5, 11, 11), entry.color);
            break;
        case LegendEntry::Mark::Ring:
            painter.setPen(QPen(entry.color, 1.4));
            painter.setBrush(theme.background());
            painter.drawEllipse(QPointF(x + kMarkWidth / 2.0, middle + 0.5), 3, 3);
            break;
        }
        painter.setPen(theme.text());
        x += kMarkWidth + 5;
        x += writeText(painter, line, x, entry.text, std::min(kMostText, line.right() - x)) + 14;
    }
    painter.restore();
    return x;
}

} // namespace tailscope::widgets
