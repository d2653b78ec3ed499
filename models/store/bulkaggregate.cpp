// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkaggregate.h"

#include <algorithm>
#include <tuple>

namespace tailscope::store {

SpanAggregator::SpanAggregator()
    : m_index(kMaxEntries)
{
    m_pending.reserve(kPending);
}

void SpanAggregator::setTrack(std::uint32_t track, const TrackRow &row)
{
    if (track == 0 || track > kMaxTracks)
        return;
    const std::lock_guard guard(m_mutex);
    if (m_tracks.size() < track)
        m_tracks.resize(track);
    Names &names = m_tracks[track - 1];
    const auto take = [](std::string &into, std::string_view from) {
        if (!from.empty())
            into = from;
    };
    take(names.process, row.process);
    take(names.thread, row.thread);
    take(names.service, row.service);
    take(names.instance, row.instance);
}

std::uint32_t SpanAggregator::entryOf(std::uint32_t track, std::uint32_t operation, std::string_view name)
{
    if (operation == 0 || track > kMaxTracks)
        return 0;
    const RefMap::Key key{(static_cast<std::uint64_t>(track) << 32) | operation, 0};
    std::uint32_t entry = m_index.find(key);
    if (entry != 0 || m_index.isFull())
        return entry;
    const std::lock_guard guard(m_mutex);
    Sum sum;
    sum.track = track;
    sum.operation = name;
    m_sums.push_back(std::move(sum));
    entry = static_cast<std::uint32_t>(m_sums.size());
    m_index.insert(key, entry);
    return entry;
}

void SpanAggregator::fold()
{
    const std::lock_guard guard(m_mutex);
    for (const Pending &span : m_pending) {
        const bool known = span.duration != kUnknownNanos;
        const Nanos end = known ? saturatingAdd(span.start, span.duration) : span.start;
        if (m_spans == 0) {
            m_range = {span.start, end};
        } else {
            m_range.begin = std::min(m_range.begin, span.start);
            m_range.end = std::max(m_range.end, end);
        }
        ++m_spans;
        if (span.entry == 0)
            continue;
        Sum &sum = m_sums[span.entry - 1];
        ++sum.count;
        sum.errors += span.error ? 1 : 0;
        if (known) {
            sum.total = saturatingAdd(sum.total, span.duration);
            sum.max = std::max(sum.max, span.duration);
        }
    }
    m_pending.clear();
}

StreamingAggregate SpanAggregator::result() const
{
    const std::lock_guard guard(m_mutex);
    StreamingAggregate aggregate;
    aggregate.range = m_range;
    aggregate.spans = m_spans;
    aggregate.entries.reserve(m_sums.size());
    static const Names kNobody;
    for (const Sum &sum : m_sums) {
        if (sum.count == 0)
            continue;
        const Names &names
            = sum.track >= 1 && sum.track <= m_tracks.size() ? m_tracks[sum.track - 1] : kNobody;
        StreamingAggregate::Entry entry{names.process, names.thread, names.service, sum.operation};
        entry.count = sum.count;
        entry.errors = sum.errors;
        entry.totalNs = sum.total;
        entry.maxNs = sum.max;
        aggregate.entries.push_back(std::move(entry));
    }
    std::stable_sort(aggregate.entries.begin(), aggregate.entries.end(), [](const auto &a, const auto &b) {
        return std::tie(b.totalNs, b.count) < std::tie(a.totalNs, a.count);
    });
    return aggregate;
}

} // namespace tailscope::store
