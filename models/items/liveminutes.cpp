// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions of times whose samples were rolled up to minutes.
#include "items/livemoments.h"

#include "analysis/sessionsamples.h"

#include <algorithm>
#include <limits>
#include <map>

namespace tailscope::items {

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond;
/// A minute is told as samples so far apart, so that lines of mixed windows need no second measure of gaps.
constexpr Nanos kStep = 2 * kNanosPerSecond;

} // namespace

Result<Nanos> rolledUntil(store::Database &database, const LiveSource &source)
{
    auto query = database.prepare("SELECT rolled_until_ns FROM recording_retention WHERE source_id = ?1");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    const auto row = query->step();
    if (!row)
        return tl::unexpected(row.error());
    const auto until = *row ? query->optionalInteger(0) : std::nullopt;
    return until ? saturatingAdd(*until, source.offsetNs) : std::numeric_limits<Nanos>::min();
}

Result<void> readMinuteMoments(store::Database &database, const LiveSource &source, Nanos from, Nanos to,
    LiveCache &cache)
{
    auto query = database.prepare("SELECT r.server_id, r.ts_ns, r.backend_type_id, r.state_id,"
                                  " r.wait_event_type_id, r.samples, r.moments FROM session_minute_raw AS r"
                                  " WHERE r.source_id = ?1 AND r.ts_ns > ?2 AND r.ts_ns < ?3");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    query->bind(1, saturatingSub(saturatingSub(from, kMinute), source.offsetNs));
    query->bind(2, saturatingSub(to, source.offsetNs));
    analysis::SampleTexts texts(database);
    std::map<std::pair<std::int64_t, Nanos>, LiveCache::Moment> minutes;
    for (;;) {
        const auto row = query->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const double moments = query->real(6);
        if (!(moments > 0))
            continue;
        const std::int64_t server = query->integer(0);
        const Nanos ts = saturatingAdd(query->integer(1), source.offsetNs);
        const std::string type = texts.text(*query, 2), state = texts.text(*query, 3);
        LiveCache::Moment &minute
            = minutes.try_emplace({server, ts}, LiveCache::Moment{server, ts, {}}).first->second;
        const bool isClient = type.empty() || type == "client backend";
        const auto mean = float(query->real(5) / moments);
        if (isClient && !state.empty())
            minute.counts[std::size_t(liveLineOfState(state))] += mean;
        if (state == "active" && (isClient || type == "parallel worker"))
            minute.counts[std::size_t(liveLineOfWait(texts.text(*query, 4)))] += mean;
    }
    for (auto &[key, minute] : minutes) {
        // Idle sessions are no part of what is kept of a minute.
        minute.counts[std::size_t(LiveLine::Idle)] = std::numeric_limits<float>::quiet_NaN();
        for (Nanos at = key.second; at < key.second + kMinute; at += kStep) {
            minute.tsNs = at;
            if (at >= from && at < to)
                cache.moments.push_back(minute);
        }
    }
    return {};
}

} // namespace tailscope::items
