// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanetree.h"
#include "analysis/spanrecords.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace tailscope::analysis {

class OverviewBuilder;

/// Second step of the derive pass: runs along the time axis of all tracks, slice of time by slice of time, so
/// that its memory depends on what is open, not on what there is. Nests spans by time, hands out lanes, binds
/// instants and flow ends to the span around them. On a nested track a span that overlaps the open ones only
/// in part becomes a child of the innermost span that holds it whole, on an extra lane and marked spilled; it
/// takes no children itself.
class SpanStream
{
public:
    SpanStream(std::size_t tracks, std::size_t spans);

    std::function<void(const CalcRecord &)> emit;
    std::function<void(StreamRecord::Type, const BindingRecord &)> bind;

    OverviewBuilder *overview = nullptr; ///< counts paths and draws the tracks when set

    /// Records of the next slice of time in any order; they are sorted here.
    void feed(std::vector<StreamRecord> &slice);
    /// Closes what is still open.
    void finish();
    std::int64_t spilled() const { return m_spilled; }

private:
    struct Open
    {
        Nanos start = 0, end = 0;
        bool isKnown = false;
        std::uint8_t kind = 0;
        std::uint16_t lane = 0, quality = 0;
        std::uint32_t ordinal = 0, parent = kNoOrdinal, depth = 0, node = 0;
        Cover cover;
    };
    struct Track
    {
        std::vector<Open> open;
        std::vector<std::uint32_t> waiting; ///< flow ends that wait for the next span
        LaneTree lanes;
    };
    void closeUntil(Track &track, Nanos t);
    void close(const Open &open);
    void nest(Track &track, const StreamRecord &record);
    void place(Track &track, const StreamRecord &record);

    std::vector<Track> m_tracks;
    std::vector<std::uint16_t> m_laneOf; ///< of placed spans, by ordinal
    struct Key
    {
        Nanos start;
        std::uint32_t track, index;
    };
    std::vector<Key> m_order;
    std::int64_t m_spilled = 0;
};

} // namespace tailscope::analysis
