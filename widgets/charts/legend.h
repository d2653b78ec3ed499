// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QFontMetrics>
#include <QRect>
#include <QString>
#include <QVector>

class QPainter;

namespace tailscope::widgets {

class Theme;

struct LegendEntry
{
    enum class Mark { Line, Box, Ring } mark = Mark::Line;
    QString text;
    QColor color;
    Qt::PenStyle pen = Qt::SolidLine;
};

/// Height of the line that paintLegend() needs.
int legendHeight(const QFontMetrics &metrics);
/// Lines (1 or 2) that they need in so much width.
int legendLines(const QFont &font, int width, const QString &title, const QVector<LegendEntry> &entries);
/// The title in bold, then the entries as far as there is room; texts are elided, never cut. `line` is the
/// first of `lines`; entries that do not fit go into the next. Returns the x behind the last one.
int paintLegend(QPainter &painter, const QRect &line, const QString &title,
    const QVector<LegendEntry> &entries, const Theme &theme, int lines = 1);

} // namespace tailscope::widgets
