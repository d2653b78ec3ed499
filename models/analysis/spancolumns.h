// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/rows.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

class SpanIdIndex;

/// A track as views show it.
struct TrackInfo
{
    std::int64_t id = 0, sourceId = 0;
    std::string process, thread, service, instance;
    std::int64_t processSort = 0, threadSort = 0;
    std::uint8_t shape = 0; ///< TrackRow::Shape
    std::string title() const; ///< "service · instance" or "process / thread"
};

/// Spans of one (track, depth) in [first, first + count) of the columns, sorted by start.
struct Lane
{
    std::uint32_t track = 0; ///< index into tracks
    std::uint16_t depth = 0;
    std::uint32_t first = 0, count = 0;
};

inline constexpr std::uint32_t kNoRow = 0xffffffffu;

/// All spans of the visible sources in memory, immutable, shared by views and jobs: structure of arrays,
/// sorted by (track, depth, start). At most 64 bytes a span. Row = index into the arrays. Lanes of a track
/// hold spans that do not overlap (overlapping ones were given deeper lanes), so every lane is drawable and
/// searchable by time.
class SpanColumns
{
public:
    std::vector<Nanos> start;
    std::vector<Nanos> duration; ///< unknown: kUnknownNanos
    std::vector<Nanos> self; ///< unknown: kUnknownNanos
    std::vector<std::uint32_t> operation; ///< index into operations
    std::vector<std::uint32_t> track; ///< index into tracks
    std::vector<std::uint32_t> trace; ///< index into traceIds; kNoRow = none
    std::vector<std::uint32_t> parent; ///< row of the parent; kNoRow = root
    std::vector<std::uint32_t> spanId; ///< rowid in span_raw minus spanIdBase
    std::vector<std::uint16_t> depth; ///< depth in the trace/stack (not the lane)
    std::vector<std::uint8_t> kind; ///< SpanKind
    std::vector<std::uint8_t> status; ///< SpanStatus
    std::vector<std::uint16_t> httpStatus;

    std::int64_t spanIdBase = 0;
    std::vector<std::string> operations;
    std::vector<TrackInfo> tracks;
    std::vector<std::int64_t> traceIds; ///< id in table trace
    std::vector<Lane> lanes; ///< by (track, depth)
    std::vector<float> traceWeight; ///< per trace index, NaN = unknown (counts once); empty when every
                                    ///< weight is 1 or unknown
    TimeRange range; ///< of all starts and known ends of the sources whose times can be compared
    std::int64_t generation = 0; ///< of the data it was loaded from
    std::vector<std::int64_t> unaligned; ///< visible sources on a clock of their own: they count, but their
                                         ///< times cannot be compared

    std::size_t size() const { return start.size(); }
    std::int64_t id(std::uint32_t row) const { return spanIdBase + spanId[row]; }
    Nanos end(std::uint32_t row) const
    {
        return duration[row] == kUnknownNanos ? start[row] : saturatingAdd(start[row], duration[row]);
    }
    /// Row of a span id; kNoRow when absent. First call builds an index (thread-safe).
    std::uint32_t rowOfId(std::int64_t id) const;
    std::size_t bytes() const;

    /// Reads all visible sources by one scan and sorts; about 0.3 us a span on two threads; any thread. At
    /// most 70 bytes a span while it works.
    static Result<std::shared_ptr<const SpanColumns>> load(const store::Workspace &workspace,
        const Progress &progress);

    SpanColumns();
    ~SpanColumns();

private:
    friend class SpanColumnsLoader;
    void adoptIndex(SpanIdIndex index);
    struct Index;
    mutable std::unique_ptr<Index> m_index;
};

} // namespace tailscope::analysis
