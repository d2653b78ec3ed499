// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkintern.h"
#include "store/bulkwriter.h"

#include <mutex>
#include <string>
#include <vector>

namespace tailscope::store {

/// Keeps StreamingAggregate while spans pass. add() and names by the reader's thread; result() by any.
class SpanAggregator
{
public:
    static constexpr std::size_t kMaxEntries
        = 50'000; ///< pairs of track and operation past it count in `spans` only
    static constexpr std::size_t kMaxTracks = 20'000;

    SpanAggregator();
    void setTrack(std::uint32_t track, const TrackRow &row);
    /// operation: its ordinal in the string table, 0 = not interned; name: used when the pair is new.
    void add(std::uint32_t track, std::uint32_t operation, const SpanRow &row)
    {
        m_pending.push_back({row.startNs, row.durationNs, entryOf(track, operation, row.operation),
            row.status == SpanStatus::Error});
        if (m_pending.size() >= kPending)
            fold();
    }
    /// Makes what was added visible to result().
    void fold();
    StreamingAggregate result() const;

private:
    static constexpr std::size_t kPending = 4096;
    struct Pending
    {
        Nanos start, duration;
        std::uint32_t entry; ///< index + 1, 0 = none
        bool error;
    };
    struct Sum
    {
        std::int64_t count = 0, errors = 0;
        Nanos total = 0, max = 0;
        std::uint32_t track = 0;
        std::string operation;
    };
    struct Names
    {
        std::string process, thread, service, instance;
    };
    std::uint32_t entryOf(std::uint32_t track, std::uint32_t operation, std::string_view name);

    std::vector<Pending> m_pending;
    RefMap m_index;
    mutable std::mutex m_mutex; ///< guards what follows
    std::vector<Sum> m_sums;
    std::vector<Names> m_tracks;
    TimeRange m_range;
    std::int64_t m_spans = 0;
};

} // namespace tailscope::store
