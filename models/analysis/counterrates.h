// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// A value of a series.
struct SeriesPoint
{
    Nanos tsNs = 0;
    double value = 0;
};

/// What happened per second between two points; never negative.
struct RatePoint
{
    Nanos beginNs = 0, endNs = 0;
    double perSecond = 0;
    double increase = 0;
    bool afterReset = false; ///< the counter began anew in between: what it had counted until then is lost
};

struct SeriesRates
{
    std::vector<RatePoint> rates;
    double increase = 0; ///< of all intervals
    std::int64_t resets = 0;
    std::int64_t skipped = 0; ///< points that are not later than the one before, not finite, or negative
};

/// Rates of a counter: a value below the one before is a restart, after which the whole value is new. The
/// first point is only the base of the next. Pure; points in the order of time.
SeriesRates counterRates(std::span<const SeriesPoint> points);

/// Rates of a series whose values are what happened since the point before (kind "delta"); the first point
/// has no begin, so no rate. Values below 0 are skipped.
SeriesRates deltaRates(std::span<const SeriesPoint> points);

} // namespace tailscope::analysis
