// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"
#include "base/result.h"

#include <optional>
#include <string_view>

namespace tailscope::analysis {

// Hosts, containers and runtimes (formulas.md FH-01 to FH-05, FB-13, FT-21). Outside its domain a function
// returns an error, never 0.

/// Share of the quota periods in which a container was stopped, 0..1. periods > 0, 0 <= throttled <= periods.
Result<double> throttledShare(double periods, double throttled);

/// With a limit of `cores` and `threads` busy ones: how long a period runs and how long it stands still.
struct QuotaPeriod
{
    double runMs = 0, stallMs = 0;
};
Result<QuotaPeriod> quotaPeriod(double cores, double threads, double periodMs = 100);

/// Pauses of length p each T: share of the time, and of the requests of duration d that one of them touches.
struct PauseShare
{
    double time = 0, requests = 0; ///< 0..1
    bool isAlways = false; ///< p >= T: paused for good
};
/// Seconds; p >= 0, T > 0, d >= 0.
Result<PauseShare> pauseShare(double p, double T, double d);

enum class CpuBound { Computing, Waiting, Mixed };
/// What the processors say of slow time; busy 0..1.
Result<CpuBound> cpuBound(double busy, double computing = 0.7, double waiting = 0.3);
std::string_view cpuBoundText(CpuBound bound); ///< "computing", "waiting", "mixed"

/// How the floor of a series (smallest value of each bin) grows: Theil and Sen's slope with its 95 %
/// interval.
struct FloorTrend
{
    double perHour = 0, lower = 0, upper = 0;
    double last = 0; ///< the line at the end of the series
    double hours = 0; ///< length
    std::size_t bins = 0;
    bool isRising() const { return lower > 0; }
};
/// Nothing below one hour or below ten bins with samples.
std::optional<FloorTrend> floorTrend(const SeriesValues &values);
/// Hours until the line reaches the limit; nothing when it does not rise for certain, 0 when it is there.
std::optional<double> hoursToLimit(const FloorTrend &trend, double limit);

} // namespace tailscope::analysis
