// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"

#include <array>
#include <limits>
#include <vector>

namespace tailscope::analysis {

// What a series usually is at this hour, learned without the time in which it was not usual (formulas.md
// FT-16).

struct BaselineOptions
{
    double below = 0.5; ///< share of the expected value below which something is missing
    Nanos lowFor = 15 * 60 * kNanosPerSecond; ///< for so long
    double above = 0; ///< times the expected value; 0 = not judged (durations: 2)
    Nanos highFor = 5 * 60 * kNanosPerSecond;
    std::size_t days = 7; ///< last unflagged days an hour is learned from
    std::size_t learning = 2; ///< days before anything is judged
};

/// A stretch in which the series left its baseline.
struct Departure
{
    enum class Kind { Low, Zero, High } kind = Kind::Low;
    std::size_t first = 0, last = 0; ///< bins
    double expected = 0, value = 0; ///< medians over the stretch
    bool isOpen = false; ///< it lasts until the end of the series
};

struct Baseline
{
    /// By bin: what is expected; NaN while learning.
    std::vector<double> expected;
    std::vector<Departure> departures;
    struct Hour
    {
        double value = std::numeric_limits<double>::quiet_NaN(); ///< NaN = unknown
        std::size_t days = 0;
    };
    std::array<Hour, 24> hours; ///< of the day (UTC), as learned at the end
    bool isLearning = true; ///< no bin could be judged
};

/// Bins must divide an hour. Expected = median of the same hour of the last unflagged days; not more than
/// what the same hour of the week was the last two times it stood alone (a quiet Sunday is no outage). Bins
/// without samples are neither expected nor missing and end a stretch.
Baseline learnBaseline(const RegularSeries &series, const BaselineOptions &options = {});
/// Bins for it: 1, 5, 10, 15, 30 or 60 minutes; empty when the points lie further apart or span under a day.
RegularSeries baselineBins(const SeriesValues &values, BinValue of);

} // namespace tailscope::analysis
