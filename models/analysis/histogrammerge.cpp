// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/histogrammerge.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

tl::unexpected<Error> refused(std::string detail)
{
    return fail(ErrorCode::BadInput, "histograms", std::move(detail),
        "Percentiles of instances are combined only from samples or from histograms with bounds in common.");
}

bool isSound(const std::vector<HistogramBucket> &buckets)
{
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        if (!std::isfinite(buckets[i].count) || buckets[i].count < 0 || std::isnan(buckets[i].upper)
            || (i > 0 && buckets[i].upper <= buckets[i - 1].upper))
            return false;
    }
    return true;
}

bool hasBound(const std::vector<HistogramBucket> &buckets, double upper)
{
    const auto found = std::lower_bound(buckets.begin(), buckets.end(), upper,
        [](const HistogramBucket &bucket, double bound) { return bucket.upper < bound; });
    return found != buckets.end() && found->upper == upper;
}

std::string amount(double value, std::string_view unit)
{
    if (unit == "s" || unit == "ms")
        return humanMillis(unit == "s" ? value * 1000 : value);
    if (unit == "By" && value >= 0 && value < 9e18)
        return humanBytes(static_cast<std::uint64_t>(value));
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    std::string text(buffer.data(), end);
    return unit.empty() || unit == "1" ? text : text + ' ' + std::string(unit);
}

} // namespace

Result<MergedHistogram> mergeHistograms(std::span<const std::vector<HistogramBucket>> histograms)
{
    if (histograms.empty())
        return refused("there is none");
    for (const std::vector<HistogramBucket> &one : histograms) {
        const bool counted
            = std::any_of(one.begin(), one.end(), [](const HistogramBucket &b) { return b.count > 0; });
        if (!isSound(one))
            return refused("one has bounds that do not ascend, or counts that are none");
        if (!counted)
            return refused("one has no counts");
    }
    MergedHistogram merged;
    for (const HistogramBucket &bucket : histograms.front()) {
        const bool common = std::all_of(histograms.begin(), histograms.end(),
            [&](const auto &one) { return hasBound(one, bucket.upper); });
        if (common)
            merged.buckets.push_back({bucket.upper, 0});
    }
    if (std::none_of(merged.buckets.begin(), merged.buckets.end(),
            [](const HistogramBucket &bucket) { return std::isfinite(bucket.upper); }))
        return refused("they have no bound in common");
    for (const std::vector<HistogramBucket> &one : histograms) {
        merged.coarser |= one.size() != merged.buckets.size();
        for (const HistogramBucket &bucket : one) {
            const auto place = std::lower_bound(merged.buckets.begin(), merged.buckets.end(), bucket.upper,
                [](const HistogramBucket &b, double bound) { return b.upper < bound; });
            if (place != merged.buckets.end())
                place->count += bucket.count;
            else if (bucket.count > 0)
                merged.buckets.push_back({std::numeric_limits<double>::infinity(), bucket.count});
        }
    }
    return merged;
}

std::string bucketQuantileText(const BucketQuantile &quantile, std::string_view unit)
{
    if (quantile.isOpen())
        return "> " + amount(quantile.low, unit);
    const std::string low
        = std::isinf(quantile.low) ? std::string("below") : amount(quantile.low, unit) + " to";
    return "estimated " + amount(quantile.estimate, unit) + " (" + low + ' ' + amount(quantile.high, unit)
        + ')';
}

} // namespace tailscope::analysis
