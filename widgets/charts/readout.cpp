// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/readout.h"

#include "widgets/base/theme.h"

#include <QPainter>

#include <algorithm>

namespace tailscope::widgets {

void paintReadout(QPainter &painter, const QRect &area, const QPoint &anchor, const QStringList &lines,
    const Theme &theme)
{
    if (lines.isEmpty() || area.width() < 40)
        return;
    painter.save();
    const QFont plain = painter.font();
    QFont bold = plain;
    bold.setBold(true);
    const QFontMetrics metrics(plain), boldMetrics(bold);
    int width = boldMetrics.horizontalAdvance(lines.first());
    for (const QString &line : lines)
        width = std::max(width, metrics.horizontalAdvance(line));
    const int lineHeight = metrics.height();
    const int shown = std::clamp(int((area.height() - 8) / lineHeight), 1, int(lines.size()));
    QRect box(0, 0, std::min(width + 13, area.width()), shown * lineHeight + 8);
    // To the right of the cursor, else to the left: the cursor itself stays visible.
    int left = anchor.x() + 12;
    if (left + box.width() > area.right())
        left = anchor.x() - 12 - box.width();
    box.moveLeft(std::clamp(left, area.left(), std::max(area.left(), area.right() - box.width() + 1)));
    box.moveTop(std::clamp(anchor.y() - box.height() / 2, area.top(),
        std::max(area.top(), area.bottom() - box.height() + 1)));
    QColor fill = theme.background();
    fill.setAlpha(240);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setBrush(fill);
    painter.setPen(theme.axis());
    painter.drawRect(box.adjusted(0, 0, -1, -1));
    painter.setPen(theme.text());
    for (int i = 0; i < shown; ++i) {
        painter.setFont(i == 0 ? bold : plain);
        const QRect line(box.left() + 6, box.top() + 4 + i * lineHeight, box.width() - 12, lineHeight);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
            (i == 0 ? boldMetrics : metrics).elidedText(lines.at(i), Qt::ElideRight, line.width()));
    }
    painter.restore();
}

} // namespace tailscope::widgets
