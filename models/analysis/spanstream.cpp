// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanstream.h"

#include "analysis/overviewbuilder.h"
#include "analysis/spanrelation.h"

#include <limits>

namespace tailscope::analysis {

namespace {

constexpr Nanos kForever = std::numeric_limits<Nanos>::max();

// Where a span ends as far as nesting goes: what never finished reaches as far as its surroundings.
Nanos nestingEnd(const StreamRecord &record)
{
    return !record.isKnown() && record.unfinished ? kForever : record.end();
}

// At one time: flow ends that wait for the next span, then spans, then what binds to the span around it.
int rankOf(StreamRecord::Type type)
{
    switch (type) {
    case StreamRecord::Type::FlowNext:
        return 0;
    case StreamRecord::Type::Nested:
    case StreamRecord::Type::Placed:
        return 1;
    default:
        return 2;
    }
}

// Order of records of one track that start together: parents before children, the longer before the shorter,
// else as in the file.
bool comesFirst(const StreamRecord &a, const StreamRecord &b)
{
    if (rankOf(a.type) != rankOf(b.type))
        return rankOf(a.type) < rankOf(b.type);
    if (a.depth != b.depth)
        return a.depth < b.depth;
    if (nestingEnd(a) != nestingEnd(b))
        return nestingEnd(a) > nestingEnd(b);
    return a.ordinal < b.ordinal;
}

} // namespace

SpanStream::SpanStream(std::size_t tracks, std::size_t spans)
    : m_tracks(tracks)
    , m_laneOf(spans, 0)
{}

void SpanStream::feed(std::vector<StreamRecord> &slice)
{
    m_order.clear();
    m_order.reserve(slice.size());
    for (std::uint32_t i = 0; i < slice.size(); ++i)
        m_order.push_back({slice[i].start, slice[i].track, i});
    std::sort(m_order.begin(), m_order.end(), [&slice](const Key &a, const Key &b) {
        if (a.track != b.track)
            return a.track < b.track;
        if (a.start != b.start)
            return a.start < b.start;
        return comesFirst(slice[a.index], slice[b.index]);
    });
    for (const Key &key : m_order) {
        const StreamRecord &record = slice[key.index];
        Track &track = m_tracks[record.track];
        switch (record.type) {
        case StreamRecord::Type::Nested:
            nest(track, record);
            break;
        case StreamRecord::Type::Placed:
            place(track, record);
            break;
        case StreamRecord::Type::FlowNext:
            track.waiting.push_back(record.ordinal);
            break;
        case StreamRecord::Type::Instant:
        case StreamRecord::Type::FlowEnclosing:
            closeUntil(track, record.start);
            if (!track.open.empty())
                bind(record.type, {record.ordinal, track.open.back().ordinal});
            break;
        }
    }
}

void SpanStream::finish()
{
    for (Track &track : m_tracks)
        closeUntil(track, kForever);
}

void SpanStream::closeUntil(Track &track, Nanos t)
{
    while (!track.open.empty() && track.open.back().end <= t) {
        close(track.open.back());
        track.open.pop_back();
    }
}

void SpanStream::close(const Open &open)
{
    CalcRecord out;
    out.ordinal = open.ordinal;
    out.parent = open.parent;
    out.depth = open.depth;
    out.lane = open.lane;
    out.quality = open.quality;
    if (open.isKnown) {
        out.self = open.end - open.start - open.cover.covered;
        out.gap = open.cover.finalGap(open.end);
    }
    if (overview)
        overview->addSelf(open.node, out.self);
    emit(out);
}

void SpanStream::nest(Track &track, const StreamRecord &record)
{
    closeUntil(track, record.start);
    for (const std::uint32_t flow : track.waiting)
        bind(StreamRecord::Type::FlowNext, {flow, record.ordinal});
    track.waiting.clear();

    Open span;
    span.start = record.start;
    span.end = nestingEnd(record);
    span.isKnown = record.isKnown();
    span.kind = record.kind;
    span.quality = record.quality;
    span.ordinal = record.ordinal;
    std::size_t holders = track.open.size();
    if (holders > 0 && !span.isKnown)
        span.end = std::min(span.end, track.open.back().end);
    const bool spills = holders > 0 && span.end > track.open.back().end;
    if (spills) {
        // The open spans end the later the deeper they lie: find the innermost that holds this one whole.
        const auto end = std::partition_point(track.open.begin(), track.open.end(),
            [&](const Open &open) { return open.end >= span.end; });
        holders = std::size_t(end - track.open.begin());
        span.quality |= SpanSpilled;
        ++m_spilled;
    }
    std::uint32_t lowest = 0;
    std::uint32_t parentNode = 0;
    if (holders > 0) {
        Open &parent = track.open[holders - 1];
        span.parent = parent.ordinal;
        span.depth = parent.depth + 1;
        lowest = parent.lane + 1u;
        if (!isAsyncByKind(SpanKind(parent.kind), SpanKind(span.kind))) {
            parentNode = parent.node;
            if (span.isKnown && parent.isKnown)
                parent.cover.add(parent.start, parent.end, span.start, span.end);
        }
    }
    if (overview) {
        span.node = overview->enter(parentNode, record.operation, record.track, record.duration);
        overview->draw(record.track, record.start, record.end(), holders == 0);
    }
    // A span of unknown length is drawn as a mark: its lane is free again at once.
    span.lane = track.lanes.place(lowest, span.start, span.isKnown ? span.end : span.start);
    if (spills)
        close(span);
    else
        track.open.push_back(span);
}

void SpanStream::place(Track &track, const StreamRecord &record)
{
    for (const std::uint32_t flow : track.waiting)
        bind(StreamRecord::Type::FlowNext, {flow, record.ordinal});
    track.waiting.clear();

    CalcRecord out;
    out.self = record.self;
    out.gap = record.gap;
    out.ordinal = record.ordinal;
    out.parent = record.parent;
    out.depth = record.depth;
    out.quality = record.quality;
    const std::uint32_t lowest = record.belowParent ? m_laneOf[record.parent] + 1u : 0;
    out.lane = track.lanes.place(lowest, record.start, record.end());
    m_laneOf[record.ordinal] = out.lane;
    if (overview) {
        overview->draw(record.track, record.start, record.end(), !record.belowParent);
        if (!record.isCounted)
            overview->addSelf(overview->enter(0, record.operation, record.track, record.duration),
                record.self);
    }
    emit(out);
}

} // namespace tailscope::analysis
