// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/skew.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

Skew skewOf(std::span<const double> values)
{
    Skew skew;
    skew.n = values.size();
    double sum = 0, most = 0;
    for (const double value : values) {
        sum += value;
        most = std::max(most, value);
    }
    if (values.empty() || !(sum > 0))
        return skew;
    const double mean = sum / double(values.size());
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    skew.maxOverMean = most / mean;
    skew.variation = std::sqrt(squares / double(values.size())) / mean;
    skew.topShare = most / sum;
    return skew;
}

} // namespace tailscope::analysis
