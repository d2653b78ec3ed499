// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "base/result.h"
#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What load tests tell: throughput over concurrency, its knee, the law behind it, coordinated omission,
/// slopes (formulas FQ-07, FQ-09; Gunther's Universal Scalability Law).
namespace tailscope::analysis {

/// One level of load: so many users (or requests in flight) gave so much throughput.
struct LoadPoint
{
    double users = 0; ///< > 0
    double perSecond = 0; ///< completions
};

// Closed loops (FQ-07).

/// N / (Z + R). nullopt unless users > 0, think >= 0 and response > 0 (seconds).
std::optional<double> closedLoopThroughput(double users, double thinkSeconds, double responseSeconds);
/// Z = N / X - R, of a measured run; nullopt when it would be negative by more than rounding (not closed).
std::optional<double> thinkSeconds(double users, double perSecond, double responseSeconds);

// Knee (FQ-09).

struct KneeOptions
{
    Quantile nearPeak{95, 100}; ///< of the maximum: the knee is the first level that reaches it
    Quantile collapsed{90, 100}; ///< of the maximum: the last level is below it
};
struct Knee
{
    double users = 0, perSecond = 0; ///< smallest concurrency near the peak
    double peakUsers = 0, peakPerSecond = 0;
    double last = 1; ///< throughput at the largest concurrency / peak
    bool isCollapse = false; ///< more users give less
    bool isPeakReached = true; ///< false: the last level is the maximum, nothing is known beyond
};
/// Equal concurrencies are averaged first. An error says why there is none: fewer than four levels, no
/// throughput.
Result<Knee> throughputKnee(std::vector<LoadPoint> points, const KneeOptions &options = {});
/// By users, equal ones averaged; points without users or with a negative throughput are left out.
std::vector<LoadPoint> mergedLevels(std::vector<LoadPoint> points);

// The Universal Scalability Law (Gunther 1993): X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)).

struct ScalabilityFit
{
    double lambda = 0; ///< throughput of one user
    double sigma = 0; ///< contention: the share that runs one after another
    double kappa = 0; ///< coherency: cost of agreeing, grows by the square
    std::vector<LoadPoint> points; ///< the levels
    std::vector<double> residuals; ///< measured - fitted, of each level
    double rSquared = 0; ///< of throughput; may be negative
    double worstResidual = 0; ///< largest |residual| / peak throughput
    bool fits = false; ///< rSquared >= 0.9 and no residual above 15 % of the peak
    std::optional<double> bestUsers; ///< sqrt((1 - sigma) / kappa); nullopt: it has no maximum
    double at(double users) const;
};
/// Least squares on the throughputs with sigma, kappa >= 0. An error with fewer than four levels.
Result<ScalabilityFit> fitScalability(std::vector<LoadPoint> points);

// Coordinated omission.

/// A request of a test: start and duration.
struct LoadRequest
{
    Nanos start = 0, duration = 0;
};
/// Did requests stop starting while some were slow? A generator that waits for answers leaves out just the
/// requests that would have met the stall.
struct OmissionTest
{
    std::int64_t stalls = 0; ///< stretches in which a request took far longer than usual
    Nanos stalled = 0; ///< their total length
    double expected = 0; ///< starts that the usual rate gives in them
    std::int64_t started = 0; ///< starts there were
    double missing() const { return expected > 0 ? 1 - double(started) / expected : 0; }
    bool isSuspect = false; ///< at least 20 expected, and more than half of them missing
};
/// Requests sorted by start. Far longer: above ten times the median and above 20 usual distances of starts.
OmissionTest omissionTest(std::span<const LoadRequest> requests);

/// Durations as an open generator would have seen them: a request longer than the distance at which its user
/// sends adds those that were not sent meanwhile (duration - distance, - 2 distances, ...: Tene's
/// correction). Sorted ascending; nullopt for a distance that is not positive, or when more than `most`
/// would come out.
std::optional<std::vector<Nanos>> correctedForOmission(std::span<const Nanos> sorted, Nanos distance,
    std::size_t most = 5'000'000);

/// A closed loop hides overload: does throughput fall while latency rises at equal users?
/// Rank correlation (Spearman) of rate and latency; nullopt with fewer than 10 pairs.
std::optional<double> rankCorrelation(std::span<const double> a, std::span<const double> b);

// Slopes of long runs.

struct Slope
{
    double perHour = 0; ///< median of the slopes of all pairs (Theil-Sen): single spikes do not tilt it
    double lower = 0, upper = 0; ///< 95 % interval by Kendall's statistic
    double level = 0; ///< median of the values
    double hours = 0; ///< length of the stretch
    bool grows() const { return lower > 0; }
    bool falls() const { return upper < 0; }
    /// Change over the whole stretch against its level; nullopt when the level is 0.
    std::optional<double> relative() const;
};
/// At most 600 values are used, evenly chosen. nullopt with fewer than 8.
std::optional<Slope> theilSen(std::span<const Nanos> times, std::span<const double> values);

} // namespace tailscope::analysis
