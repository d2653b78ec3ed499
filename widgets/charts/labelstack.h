// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFontMetrics>
#include <QString>
#include <QVector>

class QPainter;

namespace tailscope::widgets {

class Theme;

/// A label that stands on a vertical line at x, like a flag.
struct StackedLabel
{
    double x = 0; ///< of the line, pixels
    QString text;
    bool weak = false; ///< drawn grey
    int left = 0, width = 0; ///< set by stackLabels()
    int row = -1; ///< 0 = topmost; -1 = no room: only the line is drawn
};

/// Places the labels into rows so that none overlaps another and, where rows allow it, no line crosses a
/// label. The labels are sorted by x. Returns the number of rows used, at most maxRows.
int stackLabels(QVector<StackedLabel> &labels, int left, int right, int maxRows, const QFontMetrics &metrics);

/// Height of one row of labels.
int stackedRowHeight(const QFontMetrics &metrics);

/// Draws lines (from the label, or from the top, down to `bottom`) first and the labels over them.
void paintStackedLabels(QPainter &painter, const QVector<StackedLabel> &labels, int top, int bottom,
    const Theme &theme);

} // namespace tailscope::widgets
