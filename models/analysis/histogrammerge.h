// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bucketquantile.h"
#include "base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Histograms of several instances or times as one: percentiles are combined in no other way (formulas
/// FT-04).
struct MergedHistogram
{
    std::vector<HistogramBucket> buckets;
    /// The bounds differed: buckets were joined until all have the same, so that they are wider.
    bool coarser = false;
};

/// Sums buckets of equal bounds. Where bounds differ only those that all have in common remain, which loses
/// width but no count. Error: no histogram, no finite bound in common, bounds that do not ascend, counts
/// that are negative or not finite, or a histogram without a count.
Result<MergedHistogram> mergeHistograms(std::span<const std::vector<HistogramBucket>> histograms);

/// "estimated 66.3 ms (10 ms to 100 ms)", "> 100 ms" for the bucket without an upper bound. unit: "s", "ms",
/// "By" or any other.
std::string bucketQuantileText(const BucketQuantile &quantile, std::string_view unit);

} // namespace tailscope::analysis
