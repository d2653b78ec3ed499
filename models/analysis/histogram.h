// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <vector>

namespace tailscope::analysis {

/// Log-linear histogram of non-negative durations (the HDR layout): kSubBuckets linear buckets a power of
/// two, so the width of a bucket is at most value / kSubBuckets (1.6 %); values below kSubBuckets ns are
/// exact.
class LogLinearHistogram
{
public:
    static constexpr int kSubBits = 6;
    static constexpr int kSubBuckets = 1 << kSubBits;
    static constexpr int kBuckets = (64 - kSubBits) * kSubBuckets;

    static int bucketOf(Nanos value); ///< value >= 0
    static Nanos lowerBound(int bucket);
    static Nanos upperBound(int bucket); ///< exclusive

    LogLinearHistogram();
    void add(Nanos value, std::int64_t count = 1)
    {
        m_counts[std::size_t(bucketOf(value))] += count;
        m_total += count;
    }
    void merge(const LogLinearHistogram &other);
    void clear();
    std::int64_t total() const { return m_total; }
    std::int64_t count(int bucket) const { return m_counts[std::size_t(bucket)]; }
    /// Bucket that holds the value of the given 1-based rank; -1 when rank > total.
    int bucketOfRank(std::int64_t rank) const;
    /// Samples in all buckets before `bucket`.
    std::int64_t countBefore(int bucket) const;
    std::vector<std::int64_t> &counts() { return m_counts; }
    const std::vector<std::int64_t> &counts() const { return m_counts; }

private:
    std::vector<std::int64_t> m_counts;
    std::int64_t m_total = 0;
};

} // namespace tailscope::analysis
