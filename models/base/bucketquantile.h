// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace tailscope {

/// What fell between the upper bound before (exclusive) and this one (inclusive). Infinity: above all others.
struct HistogramBucket
{
    double upper = 0;
    double count = 0; ///< of this bucket alone
    friend bool operator==(const HistogramBucket &, const HistogramBucket &) = default;
};

/// A quantile that is known to lie in one bucket.
struct BucketQuantile
{
    double estimate = 0; ///< linear inside the bucket; `low` where the bucket has no upper bound
    double low = 0, high = 0; ///< bounds of the bucket: the error; high is infinite for "more than low"
    double samples = 0; ///< all of the histogram
    bool isOpen() const; ///< "more than low"
};

/// The value of nearest rank (ceil(n * num / den), integers) of a histogram whose bounds ascend. The bucket
/// below the first bound starts at 0, or at minus infinity when that bound is not positive. Counts are
/// rounded to whole samples; nullopt when there is none, when bounds do not ascend or a count is negative or
/// not finite. `num`/`den`: the quantile in (0, 1].
std::optional<BucketQuantile> bucketQuantile(std::span<const HistogramBucket> buckets, std::int64_t num,
    std::int64_t den);

} // namespace tailscope
