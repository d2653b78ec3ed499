// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Points of one series in time order, finite values only. Of equal times the last one counts.
struct SeriesValues
{
    std::vector<Nanos> ts;
    std::vector<double> values;
    std::size_t size() const { return ts.size(); }
    TimeRange range() const { return ts.empty() ? TimeRange() : TimeRange{ts.front(), ts.back() + 1}; }
};
/// Puts points in order of time and drops what is not finite and what is stated twice.
void normalise(SeriesValues &values);

/// What is looked at of a series.
enum class Measure {
    Value, ///< as written
    Rate, ///< change per second
    Delta ///< change from point to point
};
/// Changes between neighbours, each at the time of the later one. A counter that falls was set back: it
/// counts from 0. Nothing across a hole of more than five usual distances: what happened there is unknown.
SeriesValues differences(const SeriesValues &values, bool isCounter, bool perSecond);
/// True for counters by kind, and for series of unknown kind whose name ends like that of a counter
/// (_total, .count) and whose values fall in at most one step of twenty.
bool isCounter(std::string_view kind, std::string_view metric, const SeriesValues &values);

/// Median distance of neighbours; 0 with fewer than two points.
Nanos usualStep(std::span<const Nanos> ts);
/// Holes longer than three usual distances.
std::size_t holes(std::span<const Nanos> ts);

/// A series in bins of one width; NaN = no samples there, which is never 0.
struct RegularSeries
{
    Nanos begin = 0, width = 0;
    std::vector<double> values;
    Nanos timeOf(std::size_t bin) const { return saturatingAdd(begin, Nanos(bin) * width); }
};
enum class BinValue { Mean, Max, Min, Median };
/// Bins as narrow as the usual step and atLeast allow, at most `most` of them, on whole multiples of their
/// width (1, 2, 5, 10, 15, 30 s, min ...). Empty with fewer than two points.
RegularSeries regular(const SeriesValues &values, BinValue of, std::size_t most, Nanos atLeast = 1);
/// The same with a given width.
RegularSeries inBins(const SeriesValues &values, BinValue of, Nanos width);

/// Middle value or mean of the two middle ones; NaN when empty. NaN are left out.
double medianOf(std::vector<double> values);
/// Median distance from the median.
double medianDeviation(const std::vector<double> &values);
/// Part of a series inside a range.
SeriesValues part(const SeriesValues &values, TimeRange range);

} // namespace tailscope::analysis
