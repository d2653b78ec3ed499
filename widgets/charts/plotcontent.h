// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QString>
#include <QVector>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

namespace tailscope::widgets {

/// What an axis measures; decides ticks and texts.
enum class PlotUnit {
    Time, ///< nanoseconds since PlotAxis::origin
    Duration, ///< nanoseconds
    Count,
    Bytes,
    Share, ///< 0..1, shown in percent
    Ratio, ///< shown as "3.5 x"
    Quantile, ///< 0..1 on a "nines" scale: 0.9, 0.99, 0.999 are equally far apart
};

struct PlotAxis
{
    PlotUnit unit = PlotUnit::Count;
    bool logarithmic = false;
    QString title; ///< for screen readers and the data table
    Nanos origin = 0; ///< Time only
    std::optional<double> low, high; ///< in the unit; absent: from the data
    friend bool operator==(const PlotAxis &, const PlotAxis &) = default;
};

/// One line. x ascends; y NaN is a gap, and so is a step in x beyond maxGap: gaps are never bridged.
struct PlotSeries
{
    QString name;
    std::vector<double> x, y; ///< of equal length, in the units of the axes
    std::vector<std::uint8_t> weak; ///< empty, or 1 where the value rests on too few samples: grey and hollow
    double maxGap = std::numeric_limits<double>::infinity();
    int colorIndex = 0; ///< Theme::series()
    Qt::PenStyle pen = Qt::SolidLine;
    bool filled = false; ///< tinted down to the filled series before it: sums, one on the other
};

/// A vertical line with a label; labels never overlap.
struct PlotMark
{
    double x = 0;
    QString label, toolTip;
    bool weak = false;
    std::optional<double> y; ///< also a dot at this height
};

/// Everything a PlotView draws. Above 200,000 points a series should come decimated by a job
/// (analysis::decimate).
struct PlotContent
{
    QString title;
    PlotAxis x, y;
    std::vector<PlotSeries> series;
    QVector<PlotMark> marks;
    QString weakText; ///< what grey and hollow means; shown in the legend when there is any
    std::function<QString(double x)> note; ///< one more line of the readout, may be empty
    bool selectable = false; ///< a range of x can be dragged
    bool labelsX = true; ///< false in all but the lowest of stacked plots
};

} // namespace tailscope::widgets
