// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromepayload.h"
#include "import/chrometrace/chrometracks.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import::chrome {

/// Makes spans of begin and end events (B E of a thread; b e n of an async id; S T p F of an async name and
/// id). Files need not be in the order of time: events wait in a window of kMaxPending events (or
/// kMaxPendingBytes) and are sorted stably by time within their lane before they are matched; an event that
/// comes later than its lane has got is matched late and told. Parents are handed to the sink before children
/// of equal times.
class ChromeLanes
{
public:
    static constexpr std::size_t kFirstPending = 131'072;
    static constexpr std::size_t kMaxPending = 1'048'576;
    static constexpr std::size_t kFirstPendingBytes = 8 * 1024 * 1024;
    static constexpr std::size_t kMaxPendingBytes = 64 * 1024 * 1024;
    /// Begins without an end past these bounds are given up as unfinished.
    static constexpr std::size_t kMaxOpenBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxOpen = 250'000;
    /// An end looks for the begin of its name at most this far down the stack.
    static constexpr std::size_t kMaxSearch = 256;

    ChromeLanes(RowSink &sink, ImportReport &report, ChromeTracks &tracks);

    /// Phases B, E of the thread.
    void threadEvent(const ChromeEvent &event, ChromeTracks::Place place, AttributeList attributes);
    /// Phases b e n (nestable) and S T p F; the event has an id.
    void asyncEvent(const ChromeEvent &event, ChromeTracks::Place place, AttributeList attributes);
    /// Matches what waits; what is still open reaches to traceEnd and is marked unfinished.
    void finish(Nanos traceEnd);

    std::int64_t spans() const { return m_spans; }

private:
    struct Pending
    {
        Nanos ts = 0;
        std::uint32_t lane = 0, payload = 0;
    };
    static constexpr std::uint32_t kNone = UINT32_MAX;
    struct Step
    {
        Nanos ts = 0;
        std::uint32_t payload = 0, next = kNone;
    };
    /// A span of which the begin is known; closed when `end` is set.
    struct Slot
    {
        Nanos start = 0, end = 0;
        std::uint32_t begin = 0, endPayload = kNone; ///< payloads
        std::uint32_t firstStep = kNone, lastStep = kNone;
        TrackRef track = TrackRef::None;
        std::uint64_t serial = 0, parentSerial = 0; ///< 0 = no key needed
        bool closed = false;
    };
    struct Lane
    {
        bool async = false, used = true;
        std::uint32_t thread = 0;
        Nanos watermark = kUnknownNanos; ///< of the latest event that was matched
        Nanos latest = kUnknownNanos; ///< of those that wait
        std::vector<Slot> open; ///< bottom of the stack first
        const std::string *key = nullptr; ///< of an async lane
    };

    std::uint32_t threadLane(std::uint32_t thread);
    std::uint32_t asyncLane(const ChromeEvent &event, ChromeTracks::Place place);
    std::uint32_t newLane();
    void add(std::uint32_t lane, PayloadArena::Kind kind, const ChromeEvent &event, std::uint32_t process,
        AttributeList attributes);
    bool isFull();
    void flush(bool everything);
    std::vector<std::uint32_t> takeByLane(Nanos cutoff, std::vector<std::uint32_t> &starts) const;
    void matchLane(std::uint32_t lane, std::uint32_t *first, std::uint32_t *last);
    void begin(Lane &lane, const Pending &event);
    void end(Lane &lane, const Pending &event);
    void step(const Lane &lane, const Pending &event);
    void dropOpen();
    void keepRest(Nanos cutoff);
    void freeLanes();
    void emitSpan(const Lane &lane, const Slot &slot, Nanos traceEnd);
    void emitFlow(const PayloadArena::View &end, SpanRef span, TrackRef track, Nanos ts);
    void emitStep(TrackRef track, SpanRef span, Nanos ts, std::uint32_t payload);

    RowSink &m_sink;
    ImportReport &m_report;
    ChromeTracks &m_tracks;
    PayloadArena m_arena;
    std::vector<Pending> m_pending;
    std::vector<Step> m_steps;
    std::vector<Lane> m_lanes;
    std::vector<std::uint32_t> m_freeLanes, m_laneOfThread;
    std::unordered_map<std::string, std::uint32_t> m_laneByKey;
    std::string m_key;
    std::vector<Slot> m_slots; ///< of the lane at work, in order of their begins
    std::vector<std::uint32_t> m_stack; ///< slots that are open
    std::vector<Attribute> m_attributes;
    std::uint64_t m_serial = 0;
    std::size_t m_window = kFirstPending, m_windowBytes = kFirstPendingBytes;
    std::size_t m_keptBytes = 0; ///< payload that the last flush left
    bool m_disorder = false; ///< an event was older than the one before it in its lane
    std::int64_t m_spans = 0;
};

} // namespace tailscope::import::chrome
