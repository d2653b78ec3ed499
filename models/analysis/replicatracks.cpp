// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/replicatracks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The order of the columns below.
constexpr const char *kSamples
    // Without a cluster_name every standby has the same name: its address tells them apart.
    = "SELECT r.server_id, CASE WHEN r.replica = 'walreceiver' AND r.client IS NOT NULL"
      " THEN r.replica || ' ' || r.client ELSE coalesce(r.replica, v.name, 'standby') END, r.ts_ns, r.state, "
      "r.sync_state,"
      " r.current_position, r.sent_position, r.write_position, r.flush_position, r.replay_position,"
      " r.receive_position, r.unsent_bytes, r.unwritten_bytes, r.unflushed_bytes, r.unreplayed_bytes, "
      "r.wal_rate,"
      " r.replay_lag_ms, r.replay_age_ms, r.link_age_ms, r.paused, r.apply_delay_ms, r.timeline"
      " FROM replica_sample AS r LEFT JOIN server AS v ON v.id = r.server_id WHERE r.ts_ns IS NOT NULL"
      // A base backup is no replica: its row ends with it.
      " AND coalesce(r.state, '') <> 'backup' AND coalesce(r.replica, '') <> 'pg_basebackup'";

ReplicaFacts factsOf(const store::Statement &row)
{
    ReplicaFacts facts;
    facts.state = row.text(3);
    facts.positions = {row.optionalInteger(5), row.optionalInteger(6), row.optionalInteger(7),
        row.optionalInteger(8), row.optionalInteger(9)};
    facts.received = row.optionalInteger(10);
    const ByteLag derived = byteLag(facts.positions);
    const auto either = [&row](int column, std::optional<std::int64_t> other) {
        const auto given = row.optionalInteger(column);
        return given && *given >= 0 ? given : other;
    };
    facts.bytes = {either(11, derived.unsent), either(12, derived.unwritten), either(13, derived.unflushed),
        either(14, derived.unreplayed)};
    // A standby knows what it received and replayed, whatever its primary has.
    if (!facts.bytes.unreplayed && facts.received && facts.positions.replayed
        && *facts.received >= *facts.positions.replayed)
        facts.bytes.unreplayed = *facts.received - *facts.positions.replayed;
    facts.walRate = row.optionalReal(15);
    facts.replayLagMs = row.optionalReal(16);
    facts.replayAgeMs = row.optionalReal(17);
    facts.linkAgeMs = row.optionalReal(18);
    if (!row.isNull(19))
        facts.paused = row.integer(19) != 0;
    facts.applyDelayMs = row.optionalReal(20);
    return facts;
}

bool isBackwards(std::optional<std::int64_t> before, std::optional<std::int64_t> now)
{
    return before && now && *now < *before;
}

void addPoint(ReplicaTrack &track, Nanos ts, const ReplicaFacts &given, std::optional<std::int64_t> timeline)
{
    ReplicaFacts facts = given;
    ReplicaPoint point;
    point.ts = ts;
    point.current = facts.positions.current;
    point.received = facts.received ? facts.received : facts.positions.flushed;
    point.replayed = facts.positions.replayed;
    point.timeline = timeline;
    if (!track.points.empty()) {
        const ReplicaPoint &before = track.points.back();
        point.switched = isBackwards(before.current, point.current)
            || isBackwards(before.replayed, point.replayed)
            || (before.timeline && timeline && *timeline != *before.timeline);
        if (!facts.walRate && !point.switched && before.current && point.current && ts > before.ts)
            facts.walRate = double(*point.current - *before.current) / (double(ts - before.ts) / 1e9);
    }
    point.walRate = facts.walRate.value_or(kNone);
    point.bytes = facts.bytes;
    point.rawAgeMs = facts.replayAgeMs.value_or(kNone);
    point.linkAgeMs = facts.linkAgeMs.value_or(kNone);
    point.applyDelayMs = facts.applyDelayMs.value_or(kNone);
    point.paused = facts.paused.value_or(false);
    point.lag = lagNow(facts);
    track.primaryView = track.primaryView || facts.positions.sent || facts.bytes.unsent;
    track.points.push_back(std::move(point));
}

/// Keeps every second sample from the front on: the place of a new one is the place of all.
void thinOut(ReplicaTrack &track)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < track.points.size(); i += 2)
        track.points[kept++] = track.points[i];
    track.points.resize(kept);
}

struct Watched
{
    std::int64_t server = 0; ///< 0 = unknown
    Nanos first = 0, last = 0;
};

/// A replica whose row ends while the server goes on being sampled has lost its link: a lost standby has no
/// row. Who was sampled already before it ended is the witness, so that files of other days prove nothing.
Result<void> findVanished(store::Database &reader, std::optional<TimeRange> range,
    std::vector<ReplicaTrack> &tracks)
{
    std::vector<Watched> watched;
    for (const ReplicaTrack &track : tracks) {
        if (track.primaryView)
            watched.push_back({track.server.value_or(0), track.points.front().ts, track.points.back().ts});
    }
    auto query = reader.prepare("SELECT coalesce(server_id, 0), min(ts_ns), max(ts_ns) FROM slot_sample"
                                " WHERE ts_ns IS NOT NULL GROUP BY 1");
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        watched.push_back({query->integer(0), query->integer(1), query->integer(2)});
    }
    // By server in order of their begin, each with the latest end so far.
    std::sort(watched.begin(), watched.end(), [](const Watched &a, const Watched &b) {
        return a.server != b.server ? a.server < b.server : a.first < b.first;
    });
    for (std::size_t i = 0; i < watched.size(); ++i) {
        if (range)
            watched[i].last = std::min(watched[i].last, range->end);
        if (i > 0 && watched[i - 1].server == watched[i].server)
            watched[i].last = std::max(watched[i].last, watched[i - 1].last);
    }
    for (ReplicaTrack &track : tracks) {
        if (!track.primaryView)
            continue;
        const Nanos end = track.points.back().ts;
        const Nanos silence = std::max<Nanos>(3 * usualStep(track), 30 * kNanosPerSecond);
        const std::int64_t server = track.server.value_or(0);
        // The last that began before it ended; it is one of them, and its own end proves nothing.
        const auto after = std::partition_point(watched.begin(), watched.end(),
            [&](const Watched &w) { return w.server != server ? w.server < server : w.first <= end; });
        if (after != watched.begin() && (after - 1)->server == server
            && saturatingSub((after - 1)->last, end) > silence)
            track.vanished = end;
    }
    return {};
}

} // namespace

Nanos usualStep(const ReplicaTrack &track)
{
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < track.points.size(); ++i)
        steps.push_back(track.points[i].ts - track.points[i - 1].ts);
    return percentile(steps, kP50).value_or(0);
}

std::vector<LagPoint> lagPoints(const ReplicaTrack &track, std::size_t first, std::size_t last)
{
    std::vector<LagPoint> out;
    for (std::size_t i = first; i <= last && i < track.points.size(); ++i)
        out.push_back({track.points[i].ts, track.points[i].lag.ms});
    return out;
}

Result<std::vector<ReplicaTrack>> readReplicaTracks(store::Database &reader, std::optional<TimeRange> range,
    const Progress &progress)
{
    auto query = reader.prepare(
        std::string(kSamples) + (range ? " AND r.ts_ns >= ?1 AND r.ts_ns < ?2" : "") + " ORDER BY 1, 2, 3");
    if (!query)
        return fail(query.error());
    if (range) {
        query->bind(0, range->begin);
        query->bind(1, range->end);
    }
    std::vector<ReplicaTrack> tracks;
    std::size_t every = 1, seen = 0;
    for (std::size_t rows = 0;; ++rows) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        if (rows % 4096 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "replicas", "cancelled");
        const auto server = query->optionalInteger(0);
        if (tracks.empty() || tracks.back().server != server || tracks.back().replica != query->text(1)) {
            tracks.push_back({});
            tracks.back().server = server;
            tracks.back().replica = query->text(1);
            every = 1;
            seen = 0;
        }
        ReplicaTrack &track = tracks.back();
        if (!query->text(4).empty())
            track.syncState = query->text(4);
        if (seen++ % every != 0)
            continue;
        addPoint(track, query->integer(2), factsOf(*query), query->optionalInteger(21));
        if (track.points.size() >= kMaxReplicaPoints) {
            thinOut(track);
            every *= 2;
        }
    }
    if (const auto done = findVanished(reader, range, tracks); !done)
        return fail(done.error());
    return tracks;
}

} // namespace tailscope::analysis
