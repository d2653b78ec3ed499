// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/labelstack.h"

#include "widgets/base/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kGap = 4;
constexpr int kPadding = 4;

bool overlaps(const StackedLabel &a, const StackedLabel &b)
{
    return a.left < b.left + b.width + kGap && b.left < a.left + a.width + kGap;
}

/// Row below every earlier label whose box would be touched by this label or its line.
int wantedRow(const QVector<StackedLabel> &labels, qsizetype index)
{
    int row = 0;
    for (qsizetype i = 0; i < index; ++i) {
        if (labels[i].row >= 0 && overlaps(labels[i], labels[index]))
            row = std::max(row, labels[i].row + 1);
    }
    return row;
}

/// First row without a box in the way, whatever the lines do; -1 when there is none.
int freeRow(const QVector<StackedLabel> &labels, qsizetype index, int maxRows)
{
    for (int row = 0; row < maxRows; ++row) {
        const bool taken = std::any_of(labels.cbegin(), labels.cbegin() + index,
            [&](const StackedLabel &other) { return other.row == row && overlaps(other, labels[index]); });
        if (!taken)
            return row;
    }
    return -1;
}

} // namespace

int stackedRowHeight(const QFontMetrics &metrics) { return metrics.height() + 2; }

int stackLabels(QVector<StackedLabel> &labels, int left, int right, int maxRows, const QFontMetrics &metrics)
{
    std::stable_sort(labels.begin(), labels.end(),
        [](const StackedLabel &a, const StackedLabel &b) { return a.x < b.x; });
    int rows = 0;
    for (qsizetype i = 0; i < labels.size(); ++i) {
        StackedLabel &label = labels[i];
        label.width = metrics.horizontalAdvance(label.text) + 2 * kPadding;
        label.left = std::max(left, std::min(int(std::lround(label.x)), right - label.width));
        label.row = -1;
        if (label.text.isEmpty() || label.width > right - left)
            continue;
        const int wanted = wantedRow(labels, i);
        label.row = wanted < maxRows ? wanted : freeRow(labels, i, maxRows);
        rows = std::max(rows, label.row + 1);
    }
    return rows;
}

void paintStackedLabels(QPainter &painter, const QVector<StackedLabel> &labels, int top, int bottom,
    const Theme &theme)
{
    const QFontMetrics metrics = painter.fontMetrics();
    const int height = stackedRowHeight(metrics);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const StackedLabel &label : labels) {
        QPen pen(label.weak ? theme.axis() : theme.text(), 1, label.weak ? Qt::DashLine : Qt::SolidLine);
        pen.setCosmetic(true);
        painter.setPen(pen);
        const int x = int(std::lround(label.x));
        painter.drawLine(x, top + std::max(0, label.row) * height, x, bottom);
    }
    for (const StackedLabel &label : labels) {
        if (label.row < 0)
            continue;
        const QRect box(label.left, top + label.row * height, label.width, height - 1);
        QColor fill = theme.background();
        fill.setAlpha(235);
        painter.fillRect(box, fill);
        painter.setPen(label.weak ? theme.mutedText() : theme.text());
        painter.drawText(box.adjusted(kPadding, 0, 0, 0),
            Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, label.text);
        // The stretch of the line beside its own label was covered by the box.
        painter.setPen(label.weak ? theme.axis() : theme.text());
        const int x = std::clamp(int(std::lround(label.x)), box.left(), box.right());
        if (x <= box.left() + 1)
            painter.drawLine(x, box.top(), x, box.bottom());
        else
            painter.drawLine(box.left(), box.bottom(), box.right(), box.bottom());
    }
    painter.restore();
}

} // namespace tailscope::widgets
