// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace tailscope::analysis {

/// How unevenly a load is spread over instances, workers or keys (formulas.md FT-13).
struct Skew
{
    std::size_t n = 0; ///< values; below 2 there is nothing to compare
    double maxOverMean = 0;
    double variation = 0; ///< coefficient of variation, population
    double topShare = 0; ///< of the largest, 0..1
    bool isKnown() const { return n >= 2 && maxOverMean > 0; } ///< false also when the mean is 0
};
/// Values >= 0.
Skew skewOf(std::span<const double> values);

} // namespace tailscope::analysis
