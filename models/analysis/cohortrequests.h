// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/cohort.h"

#include <span>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// The requests of two sets with their spans: request i is slow for i < slow(). Internal to the comparison.
class CohortRequests
{
public:
    CohortRequests(const SpanColumns &columns, const CohortSets &sets);

    std::size_t size() const { return m_rows.size(); }
    std::size_t slow() const { return m_slow; }
    std::uint32_t row(std::size_t request) const { return m_rows[request]; }
    double weight(std::size_t request) const { return m_weights.empty() ? 1 : m_weights[request]; }
    bool isWeighted() const { return !m_weights.empty(); }
    /// Its spans; the request itself first.
    std::span<const std::uint32_t> spans(std::size_t request) const
    {
        return std::span(m_spans).subspan(m_offset[request], m_offset[request + 1] - m_offset[request]);
    }

private:
    void gather(const SpanColumns &columns);
    std::size_t m_slow = 0;
    std::vector<std::uint32_t> m_rows, m_offset, m_spans;
    std::vector<double> m_weights;
};

/// (service, operation) of rows as small numbers, in order of their first use.
class CohortOperations
{
public:
    explicit CohortOperations(const SpanColumns &columns);
    std::uint32_t of(std::uint32_t row)
    {
        const std::uint64_t key
            = (std::uint64_t(m_serviceOf[m_columns.track[row]]) << 32) | m_columns.operation[row];
        return m_numbers.try_emplace(key, std::uint32_t(m_numbers.size())).first->second;
    }
    std::size_t size() const { return m_numbers.size(); }
    /// Distinct services; "" where a track has none.
    const std::vector<std::string> &services() const { return m_services; }
    std::uint32_t serviceOfTrack(std::uint32_t track) const { return m_serviceOf[track]; }
    /// Service and operation by number.
    std::vector<std::pair<std::string, std::string>> names() const;

private:
    const SpanColumns &m_columns;
    std::vector<std::string> m_services;
    std::vector<std::uint32_t> m_serviceOf; ///< by track
    std::unordered_map<std::uint64_t, std::uint32_t> m_numbers;
};

/// Traits, what is inside, and paths: everything a request has or has not. Adds what is over-represented and
/// returns how many values were tested.
Result<std::int64_t> comparePresence(const SpanColumns &columns, const AttributeColumns *attributes,
    const CohortRequests &requests, CohortOperations &operations, const std::vector<CohortMarker> &markers,
    const Progress &progress, std::vector<CohortDifference> &out);

/// Self time, gaps and calls by operation. The same.
Result<std::int64_t> compareTimes(const SpanColumns &columns, const CohortRequests &requests,
    CohortOperations &operations, const Progress &progress, std::vector<CohortDifference> &out);

} // namespace tailscope::analysis
