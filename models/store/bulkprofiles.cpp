// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Profiles, series and markers of BulkInput.
#include "store/bulkinput.h"

#include "base/text.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace tailscope::store {

namespace {

constexpr std::size_t kMaxProfileTotals = 1'000'000;

} // namespace

ProfileRef BulkInput::profile(const ProfileRow &row)
{
    const std::int64_t ordinal = next(Family::Profile);
    const Cell name = interned(row.name), type = interned(row.sampleType), unit = interned(row.unit);
    if (isKept(Family::Profile, ordinal)) {
        Cell *cells = addRow(Family::Profile, ordinal);
        cells[0] = name;
        cells[1] = Cell::integer(static_cast<std::int64_t>(row.kind));
        cells[2] = type;
        cells[3] = unit;
        cells[4] = Cell::nonZero(row.period);
        cells[5] = Cell::nanos(row.startNs);
        cells[6] = Cell::nanos(row.durationNs);
    }
    if (m_totals.size() < kMaxProfileTotals)
        m_totals.emplace_back();
    flushIfDue();
    return ProfileRef(ordinal);
}

FrameRef BulkInput::frame(const FrameRow &row)
{
    const Cell function = interned(row.function), module = interned(row.module), file = interned(row.file);
    const RefMap::Key key{combineHash(identity(function, row.function), identity(module, row.module)),
        combineHash(identity(file, row.file), static_cast<std::uint64_t>(row.line))};
    if (const std::uint32_t known = m_frames.find(key))
        return FrameRef(known);
    const std::int64_t ordinal = next(Family::Frame);
    m_frames.insert(key, static_cast<std::uint32_t>(ordinal));
    if (isKept(Family::Frame, ordinal)) {
        Cell *cells = addRow(Family::Frame, ordinal);
        cells[0] = function;
        cells[1] = module;
        cells[2] = file;
        cells[3] = Cell::nonZero(row.line);
    }
    flushIfDue();
    return FrameRef(ordinal);
}

CallNodeRef BulkInput::callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame)
{
    const RefMap::Key key{(static_cast<std::uint64_t>(parent) << 32) | static_cast<std::uint32_t>(frame),
        static_cast<std::uint64_t>(profile)};
    if (const std::uint32_t known = m_callNodes.find(key))
        return CallNodeRef(known);
    if (m_callNodes.isFull()) {
        // The stack ends at the deepest node there is: weights stay right, only where they fall is coarser.
        m_cutStacks = true;
        return parent;
    }
    const std::int64_t ordinal = next(Family::CallNode);
    m_callNodes.insert(key, static_cast<std::uint32_t>(ordinal));
    const auto parentOrdinal = static_cast<std::uint32_t>(parent);
    const bool hasParent = parentOrdinal > 0 && parentOrdinal <= m_depths.size();
    const std::uint16_t above = hasParent ? m_depths[parentOrdinal - 1] : 0;
    const std::uint16_t depth
        = hasParent ? std::min<std::uint16_t>(above, std::numeric_limits<std::uint16_t>::max() - 1) + 1 : 0;
    m_depths.push_back(depth);
    m_weights.parent.push_back(hasParent ? parentOrdinal : 0);
    m_weights.self.push_back(0);
    m_weights.samples.push_back(0);
    if (isKept(Family::CallNode, ordinal)) {
        Cell *cells = addRow(Family::CallNode, ordinal);
        cells[0] = Cell::reference(Family::Profile, static_cast<std::int64_t>(profile));
        cells[1] = Cell::reference(Family::CallNode, hasParent ? parentOrdinal : 0);
        cells[2] = Cell::reference(Family::Frame, static_cast<std::int64_t>(frame));
        cells[3] = Cell::integer(depth);
    }
    flushIfDue();
    return CallNodeRef(ordinal);
}

void BulkInput::sample(const SampleRow &row)
{
    const std::int64_t ordinal = next(Family::Sample);
    const bool kept = isKept(Family::Sample, ordinal);
    const Cell thread = interned(row.thread), state = interned(row.state);
    const auto node = static_cast<std::uint32_t>(row.node), profile = static_cast<std::uint32_t>(row.profile);
    const double weight = row.weight == row.weight ? row.weight : 0;
    if (node > 0 && node <= m_weights.self.size()) {
        m_weights.self[node - 1] += weight;
        m_weights.samples[node - 1] += row.count;
    }
    if (profile > 0 && profile <= m_totals.size()) {
        m_totals[profile - 1].weight += weight;
        m_totals[profile - 1].samples += row.count;
    }
    if (kept) {
        Cell *cells = addRow(Family::Sample, ordinal);
        cells[0] = Cell::reference(Family::Profile, profile);
        cells[1] = Cell::nanos(row.tsNs);
        cells[2] = thread;
        cells[3] = state;
        cells[4] = Cell::reference(Family::CallNode, node);
        cells[5] = Cell::real(weight);
        cells[6] = Cell::integer(row.count);
    }
    noteRow(Family::Sample, kept, static_cast<std::uint64_t>(row.tsNs) + node,
        std::bit_cast<std::uint64_t>(weight));
}

SeriesRef BulkInput::series(const SeriesRow &row)
{
    const Cell metric = interned(row.metric), foreign = interned(row.foreignName),
               service = interned(row.service), instance = interned(row.instance), role = interned(row.role),
               unit = interned(row.unit);
    RefMap::Key key{combineHash(identity(metric, row.metric), identity(foreign, row.foreignName)),
        combineHash(identity(service, row.service), identity(instance, row.instance))};
    key.a = combineHash(key.a, contentHash(row.labelsJson));
    key.b = combineHash(key.b, combineHash(identity(role, row.role), identity(unit, row.unit)));
    key.a = combineHash(key.a,
        (static_cast<std::uint64_t>(row.track) << 8) | static_cast<std::uint64_t>(row.kind));
    if (const std::uint32_t known = m_series.find(key))
        return SeriesRef(known);
    const std::int64_t ordinal = next(Family::Series);
    m_series.insert(key, static_cast<std::uint32_t>(ordinal));
    if (isKept(Family::Series, ordinal)) {
        const Cell labels = text(row.labelsJson);
        Cell *cells = addRow(Family::Series, ordinal);
        cells[0] = metric;
        cells[1] = foreign;
        cells[2] = service;
        cells[3] = instance;
        cells[4] = role;
        cells[5] = labels;
        cells[6] = unit;
        cells[7] = Cell::integer(static_cast<std::int64_t>(row.kind));
        cells[8] = Cell::reference(Family::Track, static_cast<std::int64_t>(row.track));
    }
    flushIfDue();
    return SeriesRef(ordinal);
}

void BulkInput::point(SeriesRef series, Nanos tsNs, double value)
{
    const std::int64_t ordinal = next(Family::Point);
    const bool kept = isKept(Family::Point, ordinal);
    if (kept) {
        Cell *cells = addRow(Family::Point, ordinal);
        cells[0] = Cell::reference(Family::Series, static_cast<std::int64_t>(series));
        cells[1] = Cell::nanos(tsNs);
        cells[2] = Cell::real(value);
    }
    noteRow(Family::Point, kept, static_cast<std::uint64_t>(tsNs) + static_cast<std::uint64_t>(series),
        std::bit_cast<std::uint64_t>(value));
}

void BulkInput::event(const EventRow &row)
{
    const std::int64_t ordinal = next(Family::Event);
    const bool kept = isKept(Family::Event, ordinal);
    if (kept) {
        const Cell kind = text(row.kind), service = text(row.service), title = text(row.title),
                   detail = text(row.detail);
        Cell *cells = addRow(Family::Event, ordinal);
        cells[0] = Cell::nanos(row.tsNs);
        cells[1] = Cell::nanos(row.endNs);
        cells[2] = kind;
        cells[3] = service;
        cells[4] = title;
        cells[5] = detail;
        cells[6] = Cell::integer(row.offsetSeconds);
    }
    noteRow(Family::Event, kept, static_cast<std::uint64_t>(row.tsNs), hash64(row.title));
}

} // namespace tailscope::store
