// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spancolumns.h"

#include "analysis/spanindex.h"

#include <algorithm>
#include <mutex>
#include <numeric>

namespace tailscope::analysis {

struct SpanColumns::Index
{
    std::once_flag once;
    SpanIdIndex rows;
};

SpanColumns::SpanColumns()
    : m_index(std::make_unique<Index>())
{}

SpanColumns::~SpanColumns() = default;

std::uint32_t SpanColumns::rowOfId(std::int64_t id) const
{
    std::call_once(m_index->once, [this] { m_index->rows = SpanIdIndex(spanId); });
    if (id < spanIdBase || std::uint64_t(id - spanIdBase) >= kNoRow)
        return kNoRow;
    return m_index->rows.rowOf(std::uint32_t(id - spanIdBase));
}

void SpanColumns::adoptIndex(SpanIdIndex index)
{
    std::call_once(m_index->once, [&] { m_index->rows = std::move(index); });
}

std::size_t SpanColumns::bytes() const
{
    const auto size = [](const auto &column) { return column.capacity() * sizeof(column[0]); };
    return size(start) + size(duration) + size(self) + size(operation) + size(track) + size(trace)
        + size(parent) + size(spanId) + size(depth) + size(kind) + size(status) + size(httpStatus)
        + size(traceIds) + size(traceWeight) + size(lanes) + m_index->rows.bytes();
}

std::string TrackInfo::title() const
{
    if (!service.empty())
        return instance.empty() ? service : service + " \xc2\xb7 " + instance;
    if (!process.empty() && !thread.empty())
        return process + " / " + thread;
    if (!process.empty() || !thread.empty())
        return process.empty() ? thread : process;
    return instance.empty() ? "unknown" : instance;
}

SpanIdIndex::SpanIdIndex(const std::vector<std::uint32_t> &spanIds)
{
    std::uint32_t last = 0;
    for (const std::uint32_t id : spanIds)
        last = std::max(last, id);
    // Removed sources leave holes between the ids: past this much air a sorted list is smaller.
    if (last <= 4 * spanIds.size() + 1'000'000) {
        m_dense.assign(spanIds.empty() ? 0 : std::size_t(last) + 1, kNoRow);
        for (std::uint32_t row = 0; row < spanIds.size(); ++row)
            m_dense[spanIds[row]] = row;
        return;
    }
    m_sorted.resize(spanIds.size());
    for (std::uint32_t row = 0; row < spanIds.size(); ++row)
        m_sorted[row] = {spanIds[row], row};
    std::sort(m_sorted.begin(), m_sorted.end());
}

std::uint32_t SpanIdIndex::rowOf(std::uint32_t spanId) const
{
    if (!m_dense.empty())
        return spanId < m_dense.size() ? m_dense[spanId] : kNoRow;
    const auto place = std::lower_bound(m_sorted.begin(), m_sorted.end(),
        std::pair<std::uint32_t, std::uint32_t>(spanId, 0));
    return place != m_sorted.end() && place->first == spanId ? place->second : kNoRow;
}

} // namespace tailscope::analysis
