// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace tailscope::analysis {

// A series folded by the clock (formulas.md FT-17).

/// Seconds that a local clock is ahead of UTC at a time; days of a clock change have 23 or 25 hours.
using ZoneOffset = std::function<int(Nanos)>;

struct DayFold
{
    static constexpr std::size_t kSlots = 288; ///< of five minutes
    struct Day
    {
        std::int64_t number = 0; ///< days since 1970-01-01, local
        bool isClockChange = false;
        std::array<double, kSlots> values; ///< largest of the slot; NaN = no samples
        std::size_t known = 0; ///< slots with samples
    };
    std::vector<Day> days;
    /// Stretches of slots that are in the top twentieth of their day on 70 % of the days or more; empty with
    /// fewer than three days.
    struct Band
    {
        std::size_t first = 0, last = 0; ///< slots
        std::size_t recurs = 0; ///< days on which one of its slots stands out
    };
    std::vector<Band> bands;
};
/// At most 400 days (the last ones).
DayFold foldByDay(const SeriesValues &values, const ZoneOffset &zone);
/// Share of the days of the fold on which one of the times lies in the band.
double overlap(const DayFold &fold, const DayFold::Band &band, std::span<const Nanos> times,
    const ZoneOffset &zone);

/// Medians by weekday (Monday first) and hour of day.
struct WeekFold
{
    std::array<std::array<double, 24>, 7> values; ///< NaN = no samples
    std::array<std::array<std::size_t, 24>, 7> n; ///< samples
    double low = 0, high = 0; ///< of the medians
    bool isEmpty = true;
};
WeekFold foldByWeek(const SeriesValues &values, const ZoneOffset &zone);

} // namespace tailscope::analysis
