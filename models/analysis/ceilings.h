// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"

#include <optional>
#include <span>
#include <string>

namespace tailscope::analysis {

// A curve that is flat at a limit while demand grows (formulas.md FT-18).

/// A limit somebody set.
struct KnownLimit
{
    double value = 0; ///< in the unit of the series it is compared with
    std::string setting; ///< "max_connections"
    double reserved = 0; ///< also a ceiling so far below it (slots kept for superusers)
};

struct Ceiling
{
    enum class Match { Limit, BelowReserved, Round, None } match = Match::None;
    enum class Driver { Absent, Rose } driver = Driver::Absent;
    double value = 0; ///< median of the run
    std::size_t first = 0, last = 0; ///< samples of the run
    std::string setting; ///< of the limit; empty = a round number
    std::optional<double> limit;
    double driverBefore = 0, driverAfter = 0; ///< medians, when it rose
    double confidence = 0; ///< 0.95 for a known limit and a rising driver .. 0.3 for "flat, cannot tell"
    /// False: flat at a limit, but nothing says that demand grew.
    bool isCertain() const { return driver == Driver::Rose; }
};

struct CeilingOptions
{
    std::size_t samples = 10; ///< in the run
    double tolerance = 0.005; ///< range of the run / value
    double rise = 1.2; ///< of the driver
    bool isDuration = false; ///< round numbers are durations in `second`s
    double second = 1; ///< value of one second in the unit of the series
};

/// The longest flat run at the top of a series. Nothing when it is at no limit and no round number, when the
/// driver is known and does not rise, or at 0. Holes end a run. driver: what should move it, or nullptr.
std::optional<Ceiling> findCeiling(const SeriesValues &values, std::span<const KnownLimit> limits,
    const SeriesValues *driver, const CeilingOptions &options = {});
/// How much a driver grew towards and within a range: median before or in its first quarter, and the largest
/// median of a quarter; nothing without samples in it.
std::optional<std::pair<double, double>> growth(const SeriesValues &driver, TimeRange range);

} // namespace tailscope::analysis
