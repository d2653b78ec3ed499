// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/seriesvalues.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// A series as analyses see it: view series.
struct SeriesName
{
    std::int64_t id = 0, sourceId = 0;
    std::string metric, foreign, service, instance, labels, unit, kind; ///< labels: JSON
    /// "http.requests web web-1 {code=500}": what it is called in derived tables and views.
    std::string text() const;
    /// How many seconds one of its unit is; nothing when it is no duration.
    std::optional<double> seconds() const;
    bool isBytes() const;
    /// True when a word of its metric (parts between . _ - and changes of case) begins with one of these.
    bool says(std::initializer_list<std::string_view> beginnings) const;
    /// Service and instance are equal, or unknown on one side.
    bool isBeside(const SeriesName &other) const;
};

/// All series but histograms, by id. At most `most`.
Result<std::vector<SeriesName>> readSeriesNames(store::Database &reader, std::size_t most = 200'000);
/// The points of one series, in order.
Result<SeriesValues> readValues(store::Database &reader, std::int64_t id);
/// Calls take for each series that has points, in order of `names` (by id). Reads the table in its own order,
/// at most 4 million points at a time (100 MB). Series with more than that are left out and counted.
struct PointScan
{
    std::size_t series = 0, leftOut = 0;
    std::int64_t points = 0;
};
Result<PointScan> forEachSeries(store::Database &reader, const std::vector<SeriesName> &names,
    const Progress &progress, const std::function<void(const SeriesName &, SeriesValues &)> &take);

/// What a series is judged by: a counter by its rate, everything else by its value.
struct Judged
{
    SeriesValues values;
    Measure measure = Measure::Value;
};
Judged judged(const SeriesName &name, SeriesValues values);

} // namespace tailscope::analysis
