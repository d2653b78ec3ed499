// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/tracerows.h"
#include "base/units.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tailscope::analysis {

/// The spans of one trace as a small tree with indices of its own ("local"): what the waterfall, the critical
/// path, gaps and repeated calls work on. Arrays are as long as the trace and in the order of time (parents
/// are not always before their children: clocks differ). Reused between traces: load() keeps the memory.
struct TraceSpans
{
    std::uint32_t trace = kNoRow; ///< index into columns.traceIds
    std::vector<std::uint32_t> row; ///< SpanColumns row
    std::vector<Nanos> start; ///< as recorded, or as corrected by a skew correction
    std::vector<Nanos> duration; ///< kUnknownNanos = unknown
    std::vector<std::uint32_t> parent; ///< local index; kNoRow = a root (or its parent never arrived)
    std::vector<std::uint32_t> firstChild, nextSibling; ///< local; kNoRow = none; children by start
    std::vector<std::uint8_t> isAsync; ///< 1 = its parent does not wait for it (spanrelation.h)
    /// The span the request is: of the parentless ones the first to start, the longest where several do.
    std::uint32_t root = kNoRow;
    Nanos begin = 0, end = 0; ///< first start, last known end (at least the last start)

    std::size_t size() const { return row.size(); }
    Nanos endOf(std::uint32_t i) const
    {
        return duration[i] == kUnknownNanos ? start[i] : saturatingAdd(start[i], duration[i]);
    }

    /// Fills from the rows of one trace. Cycles of parents are cut at their earliest span. O(n log n).
    void load(const SpanColumns &columns, std::uint32_t traceIndex, std::span<const std::uint32_t> rows);
    /// Rebuilds child lists, async marks, begin and end after `start` was changed (skew correction).
    void relink(const SpanColumns &columns);

private:
    void cutCycles();
    std::vector<std::uint32_t> m_order, m_byRow; // reused
};

} // namespace tailscope::analysis
