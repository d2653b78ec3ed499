// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/criticalset.h"

#include "analysis/quantiles.h"
#include "analysis/rowscan.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace tailscope::analysis {

namespace {

// operation (32 bits), service (29), is a gap (1), class (2)
std::uint64_t keyOf(std::uint32_t operation, std::uint32_t service, bool isGap, TimeClass timeClass)
{
    return std::uint64_t(operation) << 32 | std::uint64_t(service & 0x1fffffffu) << 3
        | std::uint64_t(isGap) << 2 | std::uint64_t(timeClass);
}

} // namespace

CriticalTally::CriticalTally(const SpanColumns &columns)
    : m_columns(columns)
{
    std::map<std::string, std::uint32_t> known;
    for (const TrackInfo &track : columns.tracks) {
        const auto [service, isNew] = known.emplace(track.service, std::uint32_t(m_services.size()));
        if (isNew)
            m_services.push_back(track.service);
        m_serviceOfTrack.push_back(service->second);
    }
}

void CriticalTally::add(const TracePaths &paths)
{
    m_set.corrected += paths.skew.corrected > 0 ? 1 : 0;
    if (paths.path.empty()) {
        ++m_set.withoutPath;
        return;
    }
    ++m_set.traces;
    m_ofTrace.clear();
    for (const PathSegment &segment : paths.path) {
        const std::uint32_t row = paths.trace.row[segment.span];
        m_ofTrace.emplace_back(keyOf(m_columns.operation[row], m_serviceOfTrack[m_columns.track[row]],
                                   segment.isGap, segment.timeClass),
            segment.duration);
        Nanos &sum = m_set.byClass[std::size_t(segment.timeClass)];
        sum = saturatingAdd(sum, segment.duration);
        m_set.total = saturatingAdd(m_set.total, segment.duration);
    }
    std::sort(m_ofTrace.begin(), m_ofTrace.end());
    for (std::size_t i = 0; i < m_ofTrace.size();) {
        const std::uint64_t key = m_ofTrace[i].first;
        Nanos time = 0;
        for (; i < m_ofTrace.size() && m_ofTrace[i].first == key; ++i)
            time += m_ofTrace[i].second; // of one path: no more than the root's duration
        Entry &entry = m_entries[key];
        entry.perTrace.push_back(time);
        entry.total = saturatingAdd(entry.total, time);
        if (time > entry.longest) {
            entry.longest = time;
            entry.example = paths.trace.trace;
        }
    }
}

void CriticalTally::append(CriticalTally &&later)
{
    for (auto &[key, entry] : later.m_entries) {
        Entry &own = m_entries[key];
        own.perTrace.insert(own.perTrace.end(), entry.perTrace.begin(), entry.perTrace.end());
        own.total = saturatingAdd(own.total, entry.total);
        if (entry.longest > own.longest) {
            own.longest = entry.longest;
            own.example = entry.example;
        }
    }
    later.m_entries.clear();
    m_set.traces += later.m_set.traces;
    m_set.withoutPath += later.m_set.withoutPath;
    m_set.corrected += later.m_set.corrected;
    m_set.total = saturatingAdd(m_set.total, later.m_set.total);
    for (std::size_t i = 0; i < m_set.byClass.size(); ++i)
        m_set.byClass[i] = saturatingAdd(m_set.byClass[i], later.m_set.byClass[i]);
}

CriticalSet CriticalTally::finish()
{
    for (auto &[key, entry] : m_entries) {
        CriticalOperation row;
        row.service = m_services[std::size_t(key >> 3 & 0x1fffffffu)];
        row.operation = m_columns.operations[std::size_t(key >> 32)];
        row.isGap = (key >> 2 & 1) != 0;
        row.timeClass = TimeClass(key & 3);
        row.traces = std::int64_t(entry.perTrace.size());
        row.total = entry.total;
        row.share = m_set.total > 0 ? double(entry.total) / double(m_set.total) : 0;
        row.p50 = percentile(entry.perTrace, kP50).value_or(kUnknownNanos);
        row.p99 = percentile(entry.perTrace, kP99).value_or(kUnknownNanos);
        row.example = entry.example;
        m_set.operations.push_back(std::move(row));
    }
    m_entries.clear();
    // Complete, so that the order does not depend on the hash table.
    std::sort(m_set.operations.begin(), m_set.operations.end(),
        [](const CriticalOperation &a, const CriticalOperation &b) {
            return std::make_tuple(-a.total, std::cref(a.service), std::cref(a.operation), a.isGap,
                       a.timeClass)
                < std::make_tuple(-b.total, std::cref(b.service), std::cref(b.operation), b.isGap,
                    b.timeClass);
        });
    return std::move(m_set);
}

std::shared_ptr<const CriticalSet> criticalSet(const SpanColumns &columns, const TraceRows &rows,
    const SpanClasses &classes, std::span<const std::uint32_t> traces, const CancelToken &cancel)
{
    const std::size_t middle = middleOf(rows, traces);
    CriticalTally tallies[2]{CriticalTally(columns), CriticalTally(columns)};
    runParts(2, [&](int part) {
        TracePaths paths(columns, rows, classes);
        const auto own = part == 0 ? traces.first(middle) : traces.subspan(middle);
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (i % 256 == 0 && cancel.isCancelled())
                return;
            paths.load(own[i]);
            tallies[part].add(paths);
        }
    });
    if (cancel.isCancelled())
        return nullptr;
    tallies[0].append(std::move(tallies[1]));
    return std::make_shared<const CriticalSet>(tallies[0].finish());
}

} // namespace tailscope::analysis
