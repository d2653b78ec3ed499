// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bucketquantile.h"

#include <cmath>
#include <limits>

namespace tailscope {

namespace {

// Above this a double does not tell two neighbouring counts apart.
constexpr double kMaxSamples = 9.0e15;

} // namespace

bool BucketQuantile::isOpen() const { return std::isinf(high); }

std::optional<BucketQuantile> bucketQuantile(std::span<const HistogramBucket> buckets, std::int64_t num,
    std::int64_t den)
{
    if (num <= 0 || den <= 0 || num > den)
        return std::nullopt;
    double total = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const HistogramBucket &bucket = buckets[i];
        if (!std::isfinite(bucket.count) || bucket.count < 0 || std::isnan(bucket.upper)
            || (i > 0 && bucket.upper <= buckets[i - 1].upper))
            return std::nullopt;
        total += std::round(bucket.count);
    }
    if (total < 1 || total > kMaxSamples)
        return std::nullopt;
    const auto n = static_cast<std::int64_t>(total);
    const auto rank = static_cast<double>(n / den * num + (n % den * num + den - 1) / den);
    double before = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const double count = std::round(buckets[i].count);
        if (before + count < rank) {
            before += count;
            continue;
        }
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        BucketQuantile found;
        found.samples = total;
        found.high = buckets[i].upper;
        found.low = i > 0 ? buckets[i - 1].upper : found.high > 0 ? 0 : -kInfinity;
        if (std::isinf(found.high))
            found.estimate = found.low;
        else if (std::isinf(found.low))
            found.estimate = found.high;
        else
            found.estimate = found.low + (found.high - found.low) * (rank - before) / count;
        return found;
    }
    return std::nullopt;
}

} // namespace tailscope
