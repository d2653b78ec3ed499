// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/plotcontent.h"

#include <QPointF>

namespace tailscope::widgets {

/// A stretch of a series without gap, in plot coordinates, at most two points a pixel column.
struct PlotRun
{
    QList<QPointF> points;
    bool weak = false; ///< touches values with too few samples
};

/// A point that is drawn by itself: without neighbours, or weak.
struct PlotDot
{
    QPointF place; ///< plot coordinates
    bool weak = false;
};

struct PlotRuns
{
    std::vector<PlotRun> runs; ///< of two points and more
    std::vector<PlotDot> dots;
};

class PlotScale;

/// Splits a series at its gaps and where weak begins or ends, and thins each run to the smallest and largest
/// value of each of `pixels` columns of [x.low(), x.high()], so that spikes survive. O(points in view).
PlotRuns plotRuns(const PlotSeries &series, const PlotScale &x, const PlotScale &y, int pixels);

/// First and one past the last index of the points inside [low, high], with one neighbour on each side.
std::pair<std::size_t, std::size_t> visiblePart(const std::vector<double> &xs, double low, double high);

} // namespace tailscope::widgets
