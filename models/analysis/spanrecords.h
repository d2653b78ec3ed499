// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <algorithm>
#include <cstdint>
#include <vector>

/// What the derive pass (spancalc.h) keeps of a row between its steps. Spans, traces, tracks, instants and
/// flows of the source at work are named by ordinals: their place in its id runs.
namespace tailscope::analysis {

inline constexpr std::uint32_t kNoOrdinal = 0xffffffffu;

/// A span that must meet the others of its trace: to find its parent by key, or to be counted.
struct LinkRecord
{
    enum Flag : std::uint8_t {
        HasKey = 1,
        KeyIsText = 2,
        HasParent = 4,
        ParentIsText = 8,
        NestsByTime = 16, ///< its parent is found by time, later
        Unfinished = 32,
        IsError = 64,
    };
    Nanos start = 0, duration = kUnknownNanos;
    std::uint64_t key = 0, parentKey = 0; ///< a hash when the key is text
    std::uint32_t ordinal = 0, track = 0, trace = kNoOrdinal;
    std::uint32_t operation = 0; ///< mark of OperationNames
    std::uint8_t kind = 0, flags = 0;
};

/// A row on its way along the time axis of its track.
struct StreamRecord
{
    enum class Type : std::uint8_t {
        Nested, ///< a span whose parent is found by time
        Placed, ///< a span with parent and figures, in need of a lane
        Instant, ///< binds to the enclosing span
        FlowEnclosing, ///< the same, for an end of a flow
        FlowNext, ///< binds to the next span that starts
    };
    Nanos start = 0, duration = kUnknownNanos;
    Nanos self = kUnknownNanos, gap = kUnknownNanos; ///< of Placed
    std::uint32_t ordinal = 0; ///< of the span, instant or flow
    std::uint32_t track = 0;
    std::uint32_t parent = kNoOrdinal; ///< of Placed
    std::uint32_t depth = 0; ///< of Placed
    std::uint32_t operation = 0; ///< mark of OperationNames
    std::uint16_t quality = 0;
    Type type = Type::Nested;
    std::uint8_t kind = 0;
    bool belowParent = false; ///< the parent is open on the same track: take a lane below it
    bool unfinished = false;
    bool isCounted = false; ///< is in the call tree already

    bool isKnown() const { return duration >= 0; }
    Nanos end() const { return isKnown() ? saturatingAdd(start, duration) : start; }
};

/// A row of span_calc.
struct CalcRecord
{
    Nanos self = kUnknownNanos, gap = kUnknownNanos;
    std::uint32_t ordinal = kNoOrdinal, parent = kNoOrdinal, depth = 0;
    std::uint16_t lane = 0, quality = 0;
};

/// An instant or a flow end and the span it belongs to.
struct BindingRecord
{
    std::uint32_t ordinal = 0, span = 0;
};

/// A row of trace_calc in the making.
struct TraceRecord
{
    Nanos start = 0, end = 0, rootStart = 0, rootDuration = kUnknownNanos;
    std::uint32_t trace = kNoOrdinal, root = kNoOrdinal, spans = 0, errors = 0;
    std::uint8_t rootRank = 255; ///< 0: no parent named; larger: less of a root
    bool anyKnown = false; ///< some duration is known
};

/// How much of a span its synchronous children cover. Children come in order of their starts.
struct Cover
{
    Nanos cursor = 0; ///< end of what is covered so far
    Nanos covered = 0, gap = 0;
    bool any = false;

    void add(Nanos parentStart, Nanos parentEnd, Nanos start, Nanos end)
    {
        start = std::max(start, parentStart);
        end = std::min(end, parentEnd);
        if (end <= start)
            return;
        if (!any) {
            any = true;
            cursor = parentStart;
        }
        gap = std::max(gap, start - cursor);
        if (end > cursor) {
            covered += end - std::max(start, cursor);
            cursor = end;
        }
    }
    /// Longest time in no child; 0 without children.
    Nanos finalGap(Nanos parentEnd) const { return any ? std::max(gap, parentEnd - cursor) : 0; }
};

} // namespace tailscope::analysis
