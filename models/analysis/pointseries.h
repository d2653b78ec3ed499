// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/ceilings.h"
#include "analysis/pointscan.h"
#include "analysis/seriesbaseline.h"
#include "analysis/seriesshapes.h"
#include "analysis/traceanalyses.h"
#include "store/workspace.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

// What imported series tell: levels that changed, peaks at even distances, flat lines at limits, hours that
// are not as usual. Tables series_stat, change_point, periodicity, tail_shape, ceiling, baseline,
// series_departure.

/// A limit of a setting, a configuration file or a pool, with what it counts.
struct LimitOfSomething
{
    enum class Kind { Count, Seconds, Bytes } kind = Kind::Count;
    double value = 0;
    std::string setting, subject; ///< "max_connections", "db"
    double reserved = 0;
};
/// A distance of peaks that has a name.
struct KnownPeriod
{
    Nanos length = 0;
    std::string name; ///< "checkpoint_timeout", "cron: report", "ttl of prices"
};
/// What the workspace knows beside series.
struct SeriesSurroundings
{
    std::vector<LimitOfSomething> limits;
    std::vector<KnownPeriod> periods; ///< the surer first
    std::vector<std::pair<Nanos, std::int64_t>> events; ///< time, id; ascending
};
Result<SeriesSurroundings> readSurroundings(store::Database &reader);
/// Name of the first period that is as long within a tenth; empty when there is none.
std::string_view nameOfPeriod(const std::vector<KnownPeriod> &periods, Nanos length);
/// The limits that a series can be flat at, in its unit.
std::vector<KnownLimit> limitsFor(const SeriesName &name, const std::vector<LimitOfSomething> &limits);

/// Series that state a limit ("pool.max") are no evidence for one.
bool isLimitItself(const SeriesName &name);
/// Demand: requests, arrivals, users, what waits.
bool isDemand(const SeriesName &name);
/// Something that is expected to happen: orders, messages, jobs, requests.
bool isWork(const SeriesName &name);

/// What one series tells by itself.
struct SeriesFindings
{
    Measure measure = Measure::Value;
    std::int64_t n = 0;
    Nanos first = 0, last = 0;
    double min = 0, max = 0, mean = 0, p50 = 0, p95 = 0, p99 = 0, lastValue = 0, slope = 0;
    std::size_t gaps = 0;
    std::optional<PettittResult> change;
    Nanos changeAt = 0, changeBin = 0;
    std::int64_t binN = 0;
    std::optional<TailShape> shape;
    RegularSeries peaks; ///< the bins of shape
    std::optional<Ceiling> flat; ///< without a driver
    TimeRange flatRange;
    bool isConstant = false; ///< flat all the time
    RegularSeries usual; ///< the bins of baseline
    std::optional<Baseline> baseline;
};
SeriesFindings judgeSeries(const SeriesName &name, const Judged &judged, const SeriesSurroundings &around);

/// The bins a baseline needs, and what counts as a departure, for a series.
BaselineOptions baselineOptions(const SeriesName &name);

/// The stored analysis. Rows are kept for the 5,000 most striking series of a kind.
Result<WriteRows> computePointSeries(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
