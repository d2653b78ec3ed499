// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/theme.h"

#include <QPointF>
#include <QRect>

#include <vector>

class QPainter;

namespace tailscope::widgets {

/// An arrow in pixels; ends may lie outside the pane.
struct TimelineArrow
{
    QPointF from, to;
    bool isLink = false; ///< a flow or link: dashed would hide short ones, so links are drawn thicker
};

/// Paints curves with heads, clipped to the pane. Arrows that lie wholly on one side of it are left out.
void paintArrows(QPainter &painter, const std::vector<TimelineArrow> &arrows, const QRect &pane,
    const Theme &theme);

} // namespace tailscope::widgets
