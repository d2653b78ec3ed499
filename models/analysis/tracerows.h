// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "base/progress.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// Rows of SpanColumns by trace: for each trace index its rows by start; where two start together the longer
/// (the likely parent) first, then by row. 4 bytes a span and a trace; immutable; any thread.
class TraceRows
{
public:
    /// Null when cancelled. One counting pass and one sort a trace.
    static std::shared_ptr<const TraceRows> build(const SpanColumns &columns, const CancelToken &cancel);

    std::size_t traces() const { return m_offset.size() - 1; }
    /// Rows of the trace with this index (SpanColumns::trace, not the id); empty when it has no spans.
    std::span<const std::uint32_t> rows(std::uint32_t trace) const
    {
        return std::span(m_rows).subspan(m_offset[trace], m_offset[trace + 1] - m_offset[trace]);
    }

private:
    std::vector<std::uint32_t> m_offset, m_rows;
};

/// Index of a trace id (table trace) in columns.traceIds; kNoRow when it is not loaded.
std::uint32_t traceIndexOf(const SpanColumns &columns, std::int64_t traceId);

} // namespace tailscope::analysis
