// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/quantiles.h"
#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// Rank test of two samples: does the second tend to be larger? Latencies are skewed, hence no t-test.
struct MannWhitney
{
    std::int64_t n1 = 0, n2 = 0;
    double u1 = 0, u2 = 0; ///< pairs in which the first (second) is larger, ties counted half
    double sd = 0; ///< of U under "no difference", corrected for ties
    double z = 0; ///< with continuity 0.5; positive: the second is larger. 0 where the test was exact
    double p = 1; ///< two-sided
    double effect = 0.5; ///< U2 / (n1 n2): chance that a value of the second exceeds one of the first
    bool isExact = false; ///< counted, not approximated: no ties and n1 n2 <= 400
};
/// nullopt when one is empty. Both sorted ascending. O(n1 + n2), and O(n1 n2 (n1 + n2)) for small exact ones.
std::optional<MannWhitney> mannWhitney(std::span<const Nanos> first, std::span<const Nanos> second);

/// x of n.
struct Count
{
    std::int64_t x = 0, n = 0;
    double share() const { return n > 0 ? double(x) / double(n) : 0; }
};

/// Wilson's 95 % interval of a share; [0, 1] for n = 0.
struct ShareInterval
{
    double lower = 0, upper = 1;
};
ShareInterval wilson95(Count count);

/// Two-sided Fisher's exact test: the probability of every table with the same margins that is at most as
/// likely as this one. 1 when a sample is empty.
double fisherExact(Count first, Count second);

/// Difference of two shares: pooled z test, or Fisher's exact test where an expected count is below 5.
struct TwoProportions
{
    std::optional<double> z; ///< positive: the second is larger; nullopt: both shares 0 (or both 1), or exact
    double p = 1; ///< two-sided
    bool isExact = false; ///< p by Fisher
};
/// nullopt when one is empty.
std::optional<TwoProportions> twoProportions(Count first, Count second);

/// Adjusted p-values (at most 1), in the order given: p times the number of tests that `tested` names (at
/// least their own number), and Holm's step-down form of it.
std::vector<double> bonferroni(std::span<const double> p, std::int64_t tested = 0);
std::vector<double> holm(std::span<const double> p);

/// A percentile of each of two samples, and the ratio second / first with a 95 % interval: the intervals by
/// order statistics, combined on logarithms (MOVER, Zou and Donner 2008), no resampling.
struct PercentileRatio
{
    PercentileFigure first, second;
    std::optional<double> ratio; ///< nullopt: one is missing, or the first is 0
    std::optional<double> lower95, upper95; ///< nullopt: a sample is too small to bound that side
};
/// Both sorted ascending.
PercentileRatio percentileRatio(std::span<const Nanos> first, std::span<const Nanos> second, Quantile q);

/// The same of two figures made elsewhere.
PercentileRatio ratioOf(const PercentileFigure &first, const PercentileFigure &second);

/// The figure of one sorted sample.
PercentileFigure sortedPercentile(std::span<const Nanos> sorted, Quantile q);

/// Samples a percentile needs before it may drive a warning: 10 / (1 - q).
std::int64_t verdictSamples(Quantile q);

} // namespace tailscope::analysis
