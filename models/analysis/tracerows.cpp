// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/tracerows.h"

#include <algorithm>

namespace tailscope::analysis {

std::shared_ptr<const TraceRows> TraceRows::build(const SpanColumns &columns, const CancelToken &cancel)
{
    auto result = std::make_shared<TraceRows>();
    const std::size_t traces = columns.traceIds.size();
    std::vector<std::uint32_t> &offset = result->m_offset;
    offset.assign(traces + 1, 0);
    for (const std::uint32_t trace : columns.trace) {
        if (trace < traces)
            ++offset[trace + 1];
    }
    for (std::size_t i = 0; i < traces; ++i)
        offset[i + 1] += offset[i];
    result->m_rows.resize(offset[traces]);
    std::vector<std::uint32_t> next(offset.begin(), offset.end() - 1);
    for (std::size_t row = 0; row < columns.size(); ++row) {
        if (const std::uint32_t trace = columns.trace[row]; trace < traces)
            result->m_rows[next[trace]++] = std::uint32_t(row);
    }
    const auto earlier = [&](std::uint32_t a, std::uint32_t b) {
        if (columns.start[a] != columns.start[b])
            return columns.start[a] < columns.start[b];
        if (columns.duration[a] != columns.duration[b])
            return columns.duration[a] > columns.duration[b];
        return a < b;
    };
    for (std::size_t i = 0; i < traces; ++i) {
        if (i % 1024 == 0 && cancel.isCancelled())
            return nullptr;
        std::sort(result->m_rows.begin() + offset[i], result->m_rows.begin() + offset[i + 1], earlier);
    }
    return result;
}

std::uint32_t traceIndexOf(const SpanColumns &columns, std::int64_t traceId)
{
    const auto found = std::find(columns.traceIds.begin(), columns.traceIds.end(), traceId);
    return found == columns.traceIds.end() ? kNoRow : std::uint32_t(found - columns.traceIds.begin());
}

} // namespace tailscope::analysis
