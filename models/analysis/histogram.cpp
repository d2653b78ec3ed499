// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/histogram.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace tailscope::analysis {

LogLinearHistogram::LogLinearHistogram()
    : m_counts(std::size_t(kBuckets), 0)
{}

int LogLinearHistogram::bucketOf(Nanos value)
{
    if (value < kSubBuckets)
        return value < 0 ? 0 : int(value);
    const int shift = 63 - kSubBits - std::countl_zero(std::uint64_t(value));
    return shift * kSubBuckets + int(value >> shift);
}

Nanos LogLinearHistogram::lowerBound(int bucket)
{
    if (bucket < kSubBuckets)
        return std::max(bucket, 0);
    if (bucket >= kBuckets)
        return std::numeric_limits<Nanos>::max();
    const int shift = bucket / kSubBuckets - 1;
    return Nanos(bucket % kSubBuckets + kSubBuckets) << shift;
}

Nanos LogLinearHistogram::upperBound(int bucket) { return lowerBound(std::max(bucket, 0) + 1); }

void LogLinearHistogram::merge(const LogLinearHistogram &other)
{
    for (std::size_t i = 0; i < m_counts.size(); ++i)
        m_counts[i] += other.m_counts[i];
    m_total += other.m_total;
}

void LogLinearHistogram::clear()
{
    std::fill(m_counts.begin(), m_counts.end(), 0);
    m_total = 0;
}

int LogLinearHistogram::bucketOfRank(std::int64_t rank) const
{
    if (rank > m_total)
        return -1;
    std::int64_t seen = 0;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
        seen += m_counts[std::size_t(bucket)];
        if (seen >= rank)
            return bucket;
    }
    return -1;
}

std::int64_t LogLinearHistogram::countBefore(int bucket) const
{
    std::int64_t seen = 0;
    for (int i = 0; i < std::min(bucket, kBuckets); ++i)
        seen += m_counts[std::size_t(i)];
    return seen;
}

} // namespace tailscope::analysis
