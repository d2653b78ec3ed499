// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// A quantile as a rational (99/100): percentiles are never held in binary floating point.
struct Quantile
{
    std::int64_t num = 1;
    std::int64_t den = 2;
    friend bool operator==(const Quantile &, const Quantile &) = default;
};
inline constexpr Quantile kP50{1, 2}, kP90{9, 10}, kP95{19, 20}, kP99{99, 100}, kP999{999, 1000};

/// Nearest rank, the product's definition: rank = (num * n + den - 1) div den, at least 1 (1-based). n >= 1.
std::int64_t nearestRank(std::int64_t n, Quantile q);

/// Smallest n at which the quantile differs from the maximum: den / (den - num), rounded up.
std::int64_t minimumSamples(Quantile q);

/// Distribution-free 95 % interval by order statistics (binomial): 1-based ranks into the sorted sample.
/// upperRank is absent when q^n >= 0.025 (no upper bound); lowerRank 0 when there is none.
struct RankInterval
{
    std::int64_t lowerRank = 0;
    std::optional<std::int64_t> upperRank;
};
RankInterval rankInterval95(std::int64_t n, Quantile q);

/// Value at nearest rank of values in any order; they are partly sorted in place. nullopt when empty.
std::optional<Nanos> percentile(std::span<Nanos> values, Quantile q);

/// Weighted: smallest x with cumulative weight >= q * total. Pairs in any order; sorted in place.
struct WeightedValue
{
    Nanos value = 0;
    double weight = 1;
};
std::optional<Nanos> weightedPercentile(std::span<WeightedValue> values, Quantile q);

/// One percentile as it is shown everywhere.
struct PercentileFigure
{
    Quantile q;
    Nanos value = kUnknownNanos; ///< unknown: no samples
    std::int64_t rank = 0;
    std::optional<Nanos> lower95, upper95; ///< order-statistic interval
    bool tooFewSamples = false; ///< n < minimumSamples(q): shown grey
};

} // namespace tailscope::analysis
