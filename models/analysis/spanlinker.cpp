// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanlinker.h"

#include "analysis/overviewbuilder.h"
#include "analysis/spanrelation.h"

#include <bit>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::uint32_t kNone = kNoOrdinal;

SpanExtent extentOf(const LinkRecord &record)
{
    return {SpanKind(record.kind), record.start, record.duration};
}

bool has(const LinkRecord &record, LinkRecord::Flag flag) { return (record.flags & flag) != 0; }

} // namespace

void SpanLinker::process(const std::vector<LinkRecord> &records)
{
    m_quality.assign(records.size(), 0);
    m_parent.assign(records.size(), kNone);
    findParents(records);
    findDepths(records);
    coverParents(records);
    emitAll(records);
    emitTraces(records);
}

void SpanLinker::release()
{
    m_slots = {};
    m_parent = m_depth = m_node = m_path = {};
    m_quality = {};
    m_state = {};
    m_byStart = {};
    m_cover = {};
}

std::uint32_t SpanLinker::slotOf(const std::vector<LinkRecord> &records, std::uint32_t trace,
    std::uint64_t key, bool isText) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::uint64_t hash = (key ^ (std::uint64_t(trace) << 32 | trace)) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 32;
    std::size_t slot = std::size_t(hash) & mask;
    for (; m_slots[slot] != 0; slot = (slot + 1) & mask) {
        const LinkRecord &other = records[m_slots[slot] - 1];
        if (other.key == key && other.trace == trace && has(other, LinkRecord::KeyIsText) == isText)
            break;
    }
    return std::uint32_t(slot);
}

void SpanLinker::findParents(const std::vector<LinkRecord> &records)
{
    m_slots.assign(std::bit_ceil(2 * records.size() + 2), 0);
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        const LinkRecord &record = records[i];
        if (!has(record, LinkRecord::HasKey))
            continue;
        std::uint32_t &slot
            = m_slots[slotOf(records, record.trace, record.key, has(record, LinkRecord::KeyIsText))];
        if (slot == 0) {
            slot = i + 1;
        } else {
            m_quality[i] |= SpanDuplicateKey;
            m_quality[slot - 1] |= SpanDuplicateKey;
        }
    }
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        const LinkRecord &record = records[i];
        if (!has(record, LinkRecord::HasParent) || has(record, LinkRecord::NestsByTime))
            continue;
        const std::uint32_t found
            = m_slots[slotOf(records, record.trace, record.parentKey, has(record, LinkRecord::ParentIsText))];
        if (found != 0) {
            m_parent[i] = found - 1;
        } else {
            m_quality[i] |= SpanOrphan;
            ++m_counts.orphans;
        }
    }
}

// Walks up from each span to one of known depth, then down again; a walk that meets itself has found a cycle.
void SpanLinker::findDepths(const std::vector<LinkRecord> &records)
{
    enum : std::uint8_t { Unseen, OnPath, Done };
    m_state.assign(records.size(), Unseen);
    m_depth.assign(records.size(), 0);
    m_node.assign(overview ? records.size() : 0, 0);
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        m_path.clear();
        std::uint32_t at = i;
        while (at != kNone && m_state[at] == Unseen) {
            m_state[at] = OnPath;
            m_path.push_back(at);
            at = m_parent[at];
        }
        if (at != kNone && m_state[at] == OnPath) {
            for (std::size_t place = m_path.size(); place-- > 0;) {
                const std::uint32_t member = m_path[place];
                m_quality[member] |= SpanCycle;
                ++m_counts.cycles;
                m_parent[member] = kNone;
                if (member == at)
                    break;
            }
        }
        while (!m_path.empty()) {
            at = m_path.back();
            m_path.pop_back();
            m_depth[at] = m_parent[at] == kNone ? 0 : m_depth[m_parent[at]] + 1;
            m_state[at] = Done;
            if (overview && !has(records[at], LinkRecord::NestsByTime))
                enterTree(records, at);
        }
    }
}

// Below the parent, or beside everything when the parent does not wait for it.
void SpanLinker::enterTree(const std::vector<LinkRecord> &records, std::uint32_t index)
{
    const LinkRecord &record = records[index];
    const std::uint32_t parent = m_parent[index];
    const bool isInside = parent != kNone && !isAsyncChild(extentOf(records[parent]), extentOf(record));
    m_node[index]
        = overview->enter(isInside ? m_node[parent] : 0, record.operation, record.track, record.duration);
}

void SpanLinker::coverParents(const std::vector<LinkRecord> &records)
{
    m_cover.assign(records.size(), Cover());
    m_byStart.clear();
    m_byStart.reserve(records.size());
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        if (m_parent[i] != kNone)
            m_byStart.push_back({records[i].start, i});
    }
    std::sort(m_byStart.begin(), m_byStart.end());
    for (const auto &[start, i] : m_byStart) {
        const LinkRecord &child = records[i];
        const LinkRecord &parent = records[m_parent[i]];
        const SpanExtent inner = extentOf(child), outer = extentOf(parent);
        if (isAsyncByKind(outer.kind, inner.kind))
            continue;
        if (outer.isKnown()) {
            const Nanos tolerance = skewTolerance(outer.duration);
            const bool isEarly = inner.start < saturatingSub(outer.start, tolerance);
            if (isEarly || isAsyncChild(outer, inner))
                m_quality[i] |= SpanSkewed;
        }
        if (outer.isKnown() && inner.isKnown() && !isAsyncChild(outer, inner))
            m_cover[m_parent[i]].add(outer.start, outer.end(), inner.start, inner.end());
    }
}

void SpanLinker::emitAll(const std::vector<LinkRecord> &records)
{
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        const LinkRecord &record = records[i];
        StreamRecord out;
        out.start = record.start;
        out.duration = record.duration;
        out.ordinal = record.ordinal;
        out.track = record.track;
        out.operation = record.operation;
        out.quality = m_quality[i];
        out.kind = record.kind;
        out.unfinished = has(record, LinkRecord::Unfinished);
        if (!has(record, LinkRecord::NestsByTime)) {
            out.type = StreamRecord::Type::Placed;
            out.depth = m_depth[i];
            const SpanExtent extent = extentOf(record);
            if (extent.isKnown()) {
                // The end sticks at the last representable time, and so does what the children can cover.
                out.self = record.duration - m_cover[i].covered;
                out.gap = m_cover[i].finalGap(extent.end());
            }
            if (overview) {
                overview->addSelf(m_node[i], out.self);
                out.isCounted = true;
            }
            if (m_parent[i] != kNone) {
                const LinkRecord &parent = records[m_parent[i]];
                out.parent = parent.ordinal;
                out.belowParent = parent.track == record.track && !has(parent, LinkRecord::NestsByTime)
                    && parent.start <= record.start && extentOf(parent).end() > record.start;
            }
        }
        emit(out);
    }
}

std::uint8_t SpanLinker::rootRank(const LinkRecord &record, std::uint32_t index) const
{
    if (m_parent[index] != kNone)
        return 255;
    if ((m_quality[index] & SpanCycle) != 0)
        return 2;
    if ((m_quality[index] & SpanOrphan) != 0)
        return 1;
    return has(record, LinkRecord::NestsByTime) ? 3 : 0;
}

void SpanLinker::emitTraces(const std::vector<LinkRecord> &records)
{
    std::unordered_map<std::uint32_t, std::size_t> places;
    std::vector<TraceRecord> traces;
    std::uint32_t lastTrace = kNone;
    std::size_t lastPlace = 0;
    for (std::uint32_t i = 0; i < records.size(); ++i) {
        const LinkRecord &record = records[i];
        if (record.trace == kNone)
            continue;
        if (record.trace != lastTrace) {
            lastTrace = record.trace;
            const auto [place, isNew] = places.emplace(lastTrace, traces.size());
            lastPlace = place->second;
            if (isNew) {
                traces.emplace_back();
                traces.back().trace = record.trace;
                traces.back().start = record.start;
                traces.back().end = record.start;
            }
        }
        TraceRecord &trace = traces[lastPlace];
        const SpanExtent extent = extentOf(record);
        trace.start = std::min(trace.start, record.start);
        trace.end = std::max(trace.end, extent.end());
        trace.anyKnown |= extent.isKnown();
        ++trace.spans;
        trace.errors += has(record, LinkRecord::IsError) ? 1 : 0;
        const std::uint8_t rank = rootRank(record, i);
        const bool isBetter = rank != trace.rootRank ? rank < trace.rootRank
            : record.start != trace.rootStart        ? record.start < trace.rootStart
                                                     : record.duration > trace.rootDuration;
        if (rank != 255 && (trace.root == kNone || isBetter)) {
            trace.root = record.ordinal;
            trace.rootRank = rank;
            trace.rootStart = record.start;
            trace.rootDuration = record.duration;
        }
    }
    for (const TraceRecord &trace : traces)
        emitTrace(trace);
}

} // namespace tailscope::analysis
