// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tailscope::analysis {

// Values of a series in regular bins; NaN = no samples there, which is never taken for 0.

/// Pettitt's test (1979): where the level changed most probably.
struct PettittResult
{
    std::size_t t = 0; ///< bins before the change
    double k = 0;
    double p = 1; ///< 2 exp(-6 K^2 / (n^3 + n^2)), at most 1
    double before = 0, after = 0; ///< medians
    std::size_t n = 0; ///< bins with a value
};
/// Nothing with fewer than 10 values. Bins without a value are left out; t counts all bins. O(n log n).
std::optional<PettittResult> pettitt(std::span<const double> values);

/// FT-15: a straight line leaves less than the step would; then there is no moment to name.
bool isDrift(std::span<const double> values, const PettittResult &step);

/// First lasting departure from a baseline (median of the first bins).
struct OnsetOptions
{
    double factor = 2; ///< above so many times the baseline
    double atLeast = 0; ///< and by so much
    std::size_t run = 3; ///< in so many bins one after another
};
struct Onset
{
    std::size_t bin = 0;
    double before = 0; ///< the baseline
    double after = 0; ///< median from the onset to the end of the run above the limit
};
/// The baseline is the first tenth of the bins, at least five with a value; nothing when there are none, or
/// when too little follows.
std::optional<Onset> firstChange(std::span<const double> values, const OnsetOptions &options = {});

/// Stretches in which a tail stands out, and what their times tell.
struct TailShape
{
    enum class Kind { Periodic, Plateau, Sporadic, Unknown } kind = Kind::Unknown;
    struct Excursion
    {
        std::size_t first = 0, last = 0; ///< bins
    };
    std::vector<Excursion> excursions;
    double median = 0; ///< of the series
    double period = 0; ///< bins; 0 = not periodic
    double strength = 0; ///< 1 - median deviation of the distances / their median
};
/// Excursion: above three times the median; those less than two bins apart are one. Periodic: four of them or
/// more at distances whose median deviation is at most a tenth of the median, and at least four bins.
/// Plateau: one of `plateauBins` or more. Nothing without an excursion.
std::optional<TailShape> tailShape(std::span<const double> values, std::size_t plateauBins);

} // namespace tailscope::analysis
