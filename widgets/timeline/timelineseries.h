// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/timeline/timelineframe.h"

#include <QString>

#include <optional>

class QPainter;

namespace tailscope::widgets {

/// Values of a series in its unit, three significant digits: "12.5 ms", "64.6 MiB", "0.93".
QString seriesValueText(double value, const QString &unit);
/// Lower and upper end of the value axis: zero-based unless that would flatten the curve.
std::pair<double, double> seriesAxis(double low, double high);
/// The drawn point nearest to t, within the given distance.
std::optional<analysis::DecimatedPoint> nearestPoint(const items::SeriesPicture &picture, Nanos t,
    Nanos distance);

/// Paints the visible series rows: filled band from smallest to largest value of each pixel, line through the
/// last values, axis ends with unit.
void paintSeries(QPainter &painter, const TimelineFrame &frame, const Theme &theme);

} // namespace tailscope::widgets
