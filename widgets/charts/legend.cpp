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
constexpr int kAfterTitle = 16, kAfterMark = 5, kAfterEntry = 14;

int widthOf(const QFontMetrics &metrics, const LegendEntry &entry)
{
    return kMarkWidth + kAfterMark + std::min(kMostText, metrics.horizontalAdvance(entry.text));
}

int writeText(QPainter &painter, const QRect &line, int x, const QString &text, int room)
{
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, room);
    painter.drawText(QRect(x, line.top(), room, line.height()),
        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, shown);
    return painter.fontMetrics().horizontalAdvance(shown);
}

} // namespace

int legendHeight(const QFontMetrics &metrics) { return metrics.height() + 6; }

int legendLines(const QFont &font, int width, const QString &title, const QVector<LegendEntry> &entries)
{
    QFont bold = font;
    bold.setBold(true);
    int x = title.isEmpty() ? 0 : QFontMetrics(bold).horizontalAdvance(title) + kAfterTitle;
    const QFontMetrics metrics(font);
    bool hasEntries = false; // a title alone is elided
    for (const LegendEntry &entry : entries) {
        if (entry.text.isEmpty())
            continue;
        hasEntries = true;
        x += widthOf(metrics, entry) + kAfterEntry;
    }
    return hasEntries && x - kAfterEntry > width ? 2 : 1;
}

int paintLegend(QPainter &painter, const QRect &first, const QString &title,
    const QVector<LegendEntry> &entries, const Theme &theme, int lines)
{
    QRect line = first;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    int x = line.left();
    int middle = line.center().y();
    if (!title.isEmpty()) {
        const QFont plain = painter.font();
        QFont bold = plain;
        bold.setBold(true);
        painter.setFont(bold);
        painter.setPen(theme.text());
        x += writeText(painter, line, x, title, line.width()) + kAfterTitle;
        painter.setFont(plain);
    }
    for (const LegendEntry &entry : entries) {
        if (entry.text.isEmpty())
            continue;
        if (lines > 1 && x + widthOf(painter.fontMetrics(), entry) > line.right()) {
            --lines;
            line.translate(0, line.height());
            middle = line.center().y();
            x = line.left();
        }
        if (line.right() - x < std::min(kLeast, widthOf(painter.fontMetrics(), entry)))
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
        x += kMarkWidth + kAfterMark;
        x += writeText(painter, line, x, entry.text, std::min(kMostText, line.right() - x)) + kAfterEntry;
    }
    painter.restore();
    return x;
}

} // namespace tailscope::widgets
