// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromelanes.h"

#include "import/chrometrace/chromeflows.h"

#include <algorithm>
#include <limits>

namespace tailscope::import::chrome {

ChromeLanes::ChromeLanes(RowSink &sink, ImportReport &report, ChromeTracks &tracks)
    : m_sink(sink)
    , m_report(report)
    , m_tracks(tracks)
{}

std::uint32_t ChromeLanes::newLane()
{
    if (m_freeLanes.empty()) {
        m_lanes.emplace_back();
        return static_cast<std::uint32_t>(m_lanes.size() - 1);
    }
    const std::uint32_t lane = m_freeLanes.back();
    m_freeLanes.pop_back();
    m_lanes[lane] = Lane{};
    return lane;
}

std::uint32_t ChromeLanes::threadLane(std::uint32_t thread)
{
    if (thread >= m_laneOfThread.size())
        m_laneOfThread.resize(thread + 1, kNone);
    if (m_laneOfThread[thread] == kNone) {
        const std::uint32_t lane = newLane();
        m_lanes[lane].thread = thread;
        m_laneOfThread[thread] = lane;
    }
    return m_laneOfThread[thread];
}

/// Lane of an async id. Old async events (S T p F) are told apart by name too, and never meet nestable ones.
std::uint32_t ChromeLanes::asyncLane(const ChromeEvent &event, ChromeTracks::Place place)
{
    const bool nestable = event.phase == 'b' || event.phase == 'e' || event.phase == 'n';
    m_key.assign(1, nestable ? 'n' : 's');
    m_key.append(event.scope).append(1, '\x1f').append(event.category).append(1, '\x1f');
    if (event.id.scope == EventId::Scope::Local)
        m_key.append(std::to_string(place.process)).append(1, ':');
    m_key.append(1, event.id.value.isString ? '"' : '#').append(event.id.value.text);
    if (!nestable)
        m_key.append(1, '\x1f').append(event.name);
    const auto found = m_laneByKey.find(m_key);
    if (found != m_laneByKey.end())
        return found->second;
    const std::uint32_t lane = newLane();
    m_lanes[lane].async = true;
    m_lanes[lane].key = &m_laneByKey.emplace(m_key, lane).first->first;
    return lane;
}

void ChromeLanes::threadEvent(const ChromeEvent &event, ChromeTracks::Place place, AttributeList attributes)
{
    using Kind = PayloadArena::Kind;
    add(threadLane(place.thread), event.phase == 'B' ? Kind::Begin : Kind::End, event, place.process,
        attributes);
}

void ChromeLanes::asyncEvent(const ChromeEvent &event, ChromeTracks::Place place, AttributeList attributes)
{
    using Kind = PayloadArena::Kind;
    const bool begins = event.phase == 'b' || event.phase == 'S';
    const bool ends = event.phase == 'e' || event.phase == 'F';
    add(asyncLane(event, place),
        begins     ? Kind::Begin
            : ends ? Kind::End
                   : Kind::Step,
        event, place.process, attributes);
}

void ChromeLanes::add(std::uint32_t lane, PayloadArena::Kind kind, const ChromeEvent &event,
    std::uint32_t process, AttributeList attributes)
{
    Lane &l = m_lanes[lane];
    if (event.ts.ns < l.watermark)
        m_report.note(IssueSeverity::Notice, "late-event", event.offset,
            "a begin or end event comes long after its time; it was matched late");
    m_disorder |= event.ts.ns < l.latest;
    l.latest = std::max(l.latest, event.ts.ns);
    m_pending.push_back({event.ts.ns, lane, m_arena.store(kind, event, process, attributes)});
    if (isFull())
        flush(false);
}

/// True when the window must move on. Where lanes are not in order it grows first, as long as it may.
bool ChromeLanes::isFull()
{
    if (m_pending.size() < m_window
        && m_arena.size() < std::max(m_windowBytes, m_keptBytes + m_keptBytes / 2))
        return false;
    if (m_disorder && m_window < kMaxPending && m_windowBytes < kMaxPendingBytes) {
        m_window *= 2;
        m_windowBytes *= 2;
        return false;
    }
    return true;
}

/// Indices of the pending events up to the cutoff, grouped by lane, each group in file order; group i of
/// lane i is [starts[i], starts[i + 1]).
std::vector<std::uint32_t> ChromeLanes::takeByLane(Nanos cutoff, std::vector<std::uint32_t> &starts) const
{
    starts.assign(m_lanes.size() + 1, 0);
    for (const Pending &event : m_pending)
        starts[event.lane + 1] += event.ts <= cutoff ? 1 : 0;
    for (std::size_t lane = 0; lane < m_lanes.size(); ++lane)
        starts[lane + 1] += starts[lane];
    std::vector<std::uint32_t> order(starts.back()), next(starts.begin(), starts.end() - 1);
    for (std::size_t i = 0; i < m_pending.size(); ++i) {
        if (m_pending[i].ts <= cutoff)
            order[next[m_pending[i].lane]++] = static_cast<std::uint32_t>(i);
    }
    return order;
}

void ChromeLanes::flush(bool everything)
{
    Nanos cutoff = std::numeric_limits<Nanos>::max();
    if (!everything && !m_pending.empty()) {
        std::vector<Nanos> times(m_pending.size());
        std::transform(m_pending.begin(), m_pending.end(), times.begin(),
            [](const Pending &p) { return p.ts; });
        const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        cutoff = *middle;
    }
    std::vector<std::uint32_t> starts;
    std::vector<std::uint32_t> order = takeByLane(cutoff, starts);
    for (std::size_t lane = 0; lane + 1 < starts.size(); ++lane) {
        if (starts[lane] < starts[lane + 1])
            matchLane(static_cast<std::uint32_t>(lane), order.data() + starts[lane],
                order.data() + starts[lane + 1]);
    }
    dropOpen();
    keepRest(cutoff);
    freeLanes();
}

void ChromeLanes::matchLane(std::uint32_t lane, std::uint32_t *first, std::uint32_t *last)
{
    const auto earlier
        = [this](std::uint32_t a, std::uint32_t b) { return m_pending[a].ts < m_pending[b].ts; };
    if (const std::uint32_t *late = std::is_sorted_until(first, last, earlier); late != last) {
        const std::uint64_t offset = m_arena.view(m_pending[*late].payload).head.offset;
        std::stable_sort(first, last, earlier);
        m_report.note(IssueSeverity::Info, "unsorted-events", offset,
            "begin and end events of a thread or id are not in the order of time; they were sorted");
    }
    Lane &l = m_lanes[lane];
    m_slots.swap(l.open);
    l.open.clear();
    m_stack.clear();
    for (std::size_t i = 0; i < m_slots.size(); ++i)
        m_stack.push_back(static_cast<std::uint32_t>(i));
    for (const std::uint32_t *at = first; at != last; ++at) {
        const Pending &event = m_pending[*at];
        switch (m_arena.kind(event.payload)) {
        case PayloadArena::Kind::Begin:
            begin(l, event);
            break;
        case PayloadArena::Kind::End:
            end(l, event);
            break;
        case PayloadArena::Kind::Step:
            step(l, event);
            break;
        }
        l.watermark = std::max(l.watermark, event.ts);
    }
    for (const Slot &slot : m_slots) {
        if (slot.closed)
            emitSpan(l, slot, kUnknownNanos);
        else
            l.open.push_back(slot);
    }
    m_slots.clear();
}

void ChromeLanes::begin(Lane &lane, const Pending &event)
{
    Slot slot;
    slot.start = event.ts;
    slot.begin = event.payload;
    if (!lane.async) {
        slot.track = m_tracks.threadTrack(lane.thread);
    } else if (m_stack.empty()) {
        const PayloadArena::View view = m_arena.view(event.payload);
        slot.track = m_tracks.asyncTrack(view.head.process, view.category, view.name);
    } else {
        Slot &parent = m_slots[m_stack.back()];
        if (parent.serial == 0)
            parent.serial = ++m_serial;
        slot.parentSerial = parent.serial;
        slot.track = parent.track;
    }
    m_stack.push_back(static_cast<std::uint32_t>(m_slots.size()));
    m_slots.push_back(slot);
}

void ChromeLanes::end(Lane &lane, const Pending &event)
{
    const PayloadArena::Names own = m_arena.names(event.payload);
    std::size_t found = m_stack.size();
    const std::size_t bottom = m_stack.size() - std::min(m_stack.size(), kMaxSearch);
    for (std::size_t i = m_stack.size(); i > bottom && found == m_stack.size(); --i) {
        // Name and category count where the end has them.
        const PayloadArena::Names begin = m_arena.names(m_slots[m_stack[i - 1]].begin);
        if ((own.name.empty() || begin.name == own.name)
            && (own.category.empty() || begin.category == own.category))
            found = i - 1;
    }
    if (found == m_stack.size()) {
        const PayloadArena::View view = m_arena.view(event.payload);
        const char *reason = m_stack.empty() ? "an end event without a begin that is open"
                                             : "an end event whose name and category no open begin has";
        m_report.skip(lane.async ? "unmatched-async-end" : "unmatched-end", view.head.offset,
            view.head.eventBytes, std::string(reason) + ": \"" + std::string(view.name) + "\"", view.text);
        return;
    }
    Slot &slot = m_slots[m_stack[found]];
    slot.closed = true;
    slot.end = event.ts;
    slot.endPayload = event.payload;
    // Those above stay open: their own end may follow, and partial overlap is kept as it is.
    m_stack.erase(m_stack.begin() + static_cast<std::ptrdiff_t>(found));
    m_report.rowRead();
}

void ChromeLanes::step(const Lane &, const Pending &event)
{
    m_report.rowRead();
    if (m_stack.empty()) {
        const PayloadArena::View view = m_arena.view(event.payload);
        emitStep(m_tracks.asyncTrack(view.head.process, view.category, view.name), SpanRef::None, event.ts,
            event.payload);
        return;
    }
    Slot &slot = m_slots[m_stack.back()];
    const auto index = static_cast<std::uint32_t>(m_steps.size());
    m_steps.push_back({event.ts, event.payload, kNone});
    if (slot.lastStep == kNone)
        slot.firstStep = index;
    else
        m_steps[slot.lastStep].next = index;
    slot.lastStep = index;
}

/// Moves the payloads that are still needed to a fresh arena and forgets the rest.
void ChromeLanes::keepRest(Nanos cutoff)
{
    PayloadArena kept;
    std::vector<Step> steps;
    for (std::size_t lane = 0; lane < m_lanes.size(); ++lane) {
        for (Slot &slot : m_lanes[lane].open) {
            slot.begin = kept.copyFrom(m_arena, slot.begin);
            const std::uint32_t first = slot.firstStep;
            slot.firstStep = slot.lastStep = kNone;
            for (std::uint32_t s = first; s != kNone; s = m_steps[s].next) {
                const auto index = static_cast<std::uint32_t>(steps.size());
                steps.push_back({m_steps[s].ts, kept.copyFrom(m_arena, m_steps[s].payload), kNone});
                if (slot.lastStep == kNone)
                    slot.firstStep = index;
                else
                    steps[slot.lastStep].next = index;
                slot.lastStep = index;
            }
        }
    }
    std::size_t n = 0;
    for (const Pending &event : m_pending) {
        if (event.ts > cutoff)
            m_pending[n++] = {event.ts, event.lane, kept.copyFrom(m_arena, event.payload)};
    }
    m_pending.resize(n);
    m_steps.swap(steps);
    // The big block stays where it is; what is kept moves back into it.
    m_arena.clear();
    m_arena.append(kept);
    m_keptBytes = m_arena.size();
    m_disorder = false;
    for (Lane &lane : m_lanes)
        lane.latest = lane.watermark;
    for (const Pending &event : m_pending) {
        Lane &lane = m_lanes[event.lane];
        m_disorder |= event.ts < lane.latest;
        lane.latest = std::max(lane.latest, event.ts);
    }
}

/// Lanes of async ids come and go: those with nothing open or waiting are given back.
void ChromeLanes::freeLanes()
{
    std::vector<bool> waits(m_lanes.size(), false);
    for (const Pending &event : m_pending)
        waits[event.lane] = true;
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        Lane &lane = m_lanes[i];
        if (!lane.async || !lane.used || !lane.open.empty() || waits[i])
            continue;
        m_laneByKey.erase(*lane.key);
        lane = Lane{};
        lane.used = false;
        m_freeLanes.push_back(static_cast<std::uint32_t>(i));
    }
}

/// A file of begins that never end must not fill the memory: all that is open is given up as unfinished.
void ChromeLanes::dropOpen()
{
    std::size_t count = 0, bytes = 0;
    for (const Lane &lane : m_lanes) {
        count += lane.open.size();
        for (const Slot &slot : lane.open)
            bytes += m_arena.view(slot.begin).head.total;
    }
    if (count <= kMaxOpen && bytes <= kMaxOpenBytes)
        return;
    m_report.note(IssueSeverity::DataLoss, "too-many-open", 0,
        "more than 250,000 events, or 32 MB, began and did not end: given up as unfinished",
        static_cast<std::int64_t>(count));
    for (Lane &lane : m_lanes) {
        for (const Slot &slot : lane.open)
            emitSpan(lane, slot, kUnknownNanos);
        lane.open.clear();
    }
}

void ChromeLanes::finish(Nanos traceEnd)
{
    flush(true);
    for (const Lane &lane : m_lanes) {
        for (const Slot &slot : lane.open)
            emitSpan(lane, slot, traceEnd);
    }
}

void ChromeLanes::emitSpan(const Lane &lane, const Slot &slot, Nanos traceEnd)
{
    const PayloadArena::View from = m_arena.view(slot.begin);
    SpanRow row;
    row.track = slot.track;
    row.operation = from.name;
    row.category = from.category;
    row.kind = lane.async ? SpanKind::Async : SpanKind::Internal;
    row.startNs = slot.start;
    row.quality = from.head.clamped ? SpanTimeClamped : SpanQualityNone;
    m_attributes.clear();
    m_arena.attributes(slot.begin, m_attributes);
    Nanos threadEnd = kUnknownNanos;
    if (slot.closed) {
        const PayloadArena::View to = m_arena.view(slot.endPayload);
        m_arena.mergeAttributes(slot.endPayload, m_attributes);
        threadEnd = to.head.threadTs;
        row.quality |= to.head.clamped ? SpanTimeClamped : SpanQualityNone;
        if (slot.end >= slot.start)
            row.durationNs = saturatingSub(slot.end, slot.start);
        else
            row.quality |= SpanNegativeDuration;
    } else {
        row.quality |= SpanUnfinished;
        if (traceEnd != kUnknownNanos)
            row.durationNs = saturatingSub(std::max(traceEnd, slot.start), slot.start);
        m_report.note(IssueSeverity::Notice, lane.async ? "unfinished-async" : "unfinished-begin",
            from.head.offset, "\"" + std::string(from.name) + "\" began and did not end in the file");
    }
    if (from.head.threadTs != kUnknownNanos) {
        m_attributes.push_back({"thread_ts_ns", AttributeType::Integer, {}, from.head.threadTs, 0});
        if (threadEnd != kUnknownNanos)
            m_attributes.push_back({"thread_duration_ns", AttributeType::Integer, {},
                saturatingSub(threadEnd, from.head.threadTs), 0});
    }
    row.attributes = m_attributes;
    std::string key, parentKey;
    if (slot.serial != 0) {
        key = "async-" + std::to_string(slot.serial);
        row.key = {SpanKey::Kind::Text, 0, key};
    }
    if (slot.parentSerial != 0) {
        parentKey = "async-" + std::to_string(slot.parentSerial);
        row.parentKey = {SpanKey::Kind::Text, 0, parentKey};
    }
    const SpanRef span = m_sink.span(row);
    m_report.rowRead();
    ++m_spans;
    emitFlow(from, span, slot.track, slot.start);
    if (slot.closed)
        emitFlow(m_arena.view(slot.endPayload), span, slot.track, slot.end);
    for (std::uint32_t s = slot.firstStep; s != kNone; s = m_steps[s].next)
        emitStep(slot.track, span, m_steps[s].ts, m_steps[s].payload);
}

void ChromeLanes::emitFlow(const PayloadArena::View &end, SpanRef span, TrackRef track, Nanos ts)
{
    if (!isFlowEnd(end.head.flowIn, end.head.flowOut) || end.bindId.text.empty())
        return;
    m_key.clear();
    appendBindKey(m_key, end.bindId);
    FlowRow row;
    row.phase = flowPhase(end.head.flowIn, end.head.flowOut);
    row.track = track;
    row.tsNs = ts;
    row.flowKey = m_key;
    row.span = span;
    m_sink.flow(row);
}

void ChromeLanes::emitStep(TrackRef track, SpanRef span, Nanos ts, std::uint32_t payload)
{
    const PayloadArena::View view = m_arena.view(payload);
    std::vector<Attribute> attributes;
    m_arena.attributes(payload, attributes);
    if (view.head.threadTs != kUnknownNanos)
        attributes.push_back({"thread_ts_ns", AttributeType::Integer, {}, view.head.threadTs, 0});
    SpanEventRow row;
    row.span = span;
    row.track = track;
    row.tsNs = ts;
    row.name = view.name;
    // A step of an old async operation is named by its argument.
    if (view.head.phase != 'n') {
        for (const Attribute &attribute : attributes) {
            if (attribute.key == "step" && attribute.type == AttributeType::Text)
                row.name = attribute.text;
        }
    }
    row.attributes = attributes;
    m_sink.spanEvent(row);
}

} // namespace tailscope::import::chrome
