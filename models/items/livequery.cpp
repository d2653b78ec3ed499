// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livequery.h"

#include "items/livefigures.h"
#include "items/livemoments.h"
#include "store/schema.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

namespace tailscope::items {

namespace {

using store::Database;
using store::Statement;

constexpr Nanos kOverlap = 10 * kNanosPerSecond;
/// Before the window: a counter's sample before. One that rests is stored every five minutes.
constexpr Nanos kCounterReach = 305 * kNanosPerSecond;

struct MetricLine
{
    std::string_view metric;
    LiveLine line;
};
constexpr auto kRates = std::to_array<MetricLine>({{"postgresql.commits", LiveLine::Commits},
    {"postgresql.rollbacks", LiveLine::Rollbacks}, {"postgresql.blocks_hit", LiveLine::BlocksHit},
    {"postgresql.blocks_read", LiveLine::BlocksRead}, {"postgresql.rows_returned", LiveLine::RowsReturned},
    {"postgresql.rows_fetched", LiveLine::RowsFetched}, {"postgresql.rows_inserted", LiveLine::RowsInserted},
    {"postgresql.rows_updated", LiveLine::RowsUpdated}, {"postgresql.rows_deleted", LiveLine::RowsDeleted},
    {"postgresql.temp_bytes", LiveLine::TempBytes}, {"postgresql.deadlocks", LiveLine::Deadlocks},
    {"postgresql.wal.bytes", LiveLine::WalBytes}, {"postgresql.checkpoint.timed", LiveLine::CheckpointsTimed},
    {"postgresql.checkpoint.requested", LiveLine::CheckpointsRequested}});
/// Where pg_stat_wal is not there (before 14).
constexpr std::string_view kWalPosition = "postgresql.wal.position";

/// Rows of a table of one source in [from, to), by the index on time.
Result<Statement> inWindow(Database &database, std::string_view sql, const LiveSource &source, Nanos from,
    Nanos to)
{
    auto query = database.prepare(store::expandedSql(sql));
    if (!query)
        return query;
    query->bind(0, source.id);
    query->bind(1, saturatingSub(from, source.offsetNs));
    query->bind(2, saturatingSub(to, source.offsetNs));
    return query;
}

template<typename Take>
Result<void> eachRow(Statement &query, Take take)
{
    for (;;) {
        const auto row = query.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        take(query);
    }
}

Result<void> readReplicas(Database &database, const LiveSource &source, Nanos from, Nanos to,
    LiveCache &cache)
{
    auto query = inWindow(database,
        "SELECT r.server_id, $text(r.replica_id), r.ts_ns, r.replay_lag_ms,"
        " r.unsent_bytes + r.unwritten_bytes + r.unflushed_bytes + r.unreplayed_bytes"
        " FROM replica_sample_raw AS r INDEXED BY replica_sample_raw_time"
        " WHERE r.source_id = ?1 AND r.ts_ns >= ?2 AND r.ts_ns < ?3 ORDER BY r.ts_ns DESC LIMIT 500000",
        source, from, to); // the newest ones, where that is too many
    if (!query)
        return tl::unexpected(query.error());
    return eachRow(*query, [&](Statement &row) {
        cache.replicas.push_back({row.integer(0), std::string(row.text(1)),
            saturatingAdd(row.integer(2), source.offsetNs), row.real(3), row.real(4)});
    });
}

Result<void> readPools(Database &database, const LiveSource &source, Nanos from, Nanos to, LiveCache &cache)
{
    auto query = inWindow(database,
        "SELECT r.server_id, $text(r.pool_id), $text(r.instance_id), r.ts_ns, r.active, r.capacity, r.waiting"
        " FROM pool_sample_raw AS r INDEXED BY pool_sample_raw_time"
        " WHERE r.source_id = ?1 AND r.ts_ns >= ?2 AND r.ts_ns < ?3 ORDER BY r.ts_ns DESC LIMIT 500000",
        source, from, to);
    if (!query)
        return tl::unexpected(query.error());
    return eachRow(*query, [&](Statement &row) {
        std::string name(row.text(1));
        if (!row.isNull(2) && row.text(2) != row.text(1))
            name += " " + std::string(row.text(2));
        cache.pools.push_back({row.integer(0), std::move(name),
            saturatingAdd(row.integer(3), source.offsetNs), row.real(4), row.real(5), row.real(6)});
    });
}

/// The series of the dashboard; those already known keep their points.
Result<void> readSeriesList(Database &database, const std::vector<LiveSource> &sources, LiveCache &cache)
{
    const auto newest = database.integer("SELECT max(id) FROM series_raw");
    if (!newest)
        return tl::unexpected(newest.error());
    if (newest->value_or(0) == cache.newestSeries)
        return {};
    auto query = database.prepare(
        store::expandedSql("SELECT r.id, $text(r.metric_id), $text(r.service_id), $text(r.instance_id),"
                           " r.source_id, r.labels FROM series_raw AS r WHERE r.id > ?1 ORDER BY r.id"));
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, cache.newestSeries);
    TS_TRY(eachRow(*query, [&](Statement &row) {
        const std::string_view metric = row.text(1);
        const bool isRuns = metric == kSessionRuns && row.text(5) == "{\"probe\":\"sessions\"}";
        const bool isWanted = metric == kWalPosition || isRuns
            || std::any_of(kRates.begin(), kRates.end(),
                [&](const MetricLine &line) { return line.metric == metric; });
        const auto source = std::find_if(sources.begin(), sources.end(),
            [&](const LiveSource &one) { return one.id == row.integer(4); });
        if (isWanted && source != sources.end())
            cache.series.push_back({row.integer(0), std::string(metric),
                std::string(row.isNull(2) ? row.text(3) : row.text(2)), source->offsetNs, {}, source->id});
    }));
    cache.newestSeries = newest->value_or(0);
    return {};
}

Result<void> readPoints(Database &database, Nanos from, Nanos to, LiveCache &cache)
{
    auto query = database.prepare("SELECT ts_ns, value FROM point_raw"
                                  " WHERE series_id = ?1 AND ts_ns >= ?2 AND ts_ns < ?3 ORDER BY ts_ns");
    if (!query)
        return tl::unexpected(query.error());
    for (LiveCache::Series &series : cache.series) {
        // A series that is new to the cache has no points yet: all of the window.
        const Nanos begin = series.points.empty() ? saturatingSub(cache.covered.begin, kCounterReach) : from;
        query->bind(0, series.id);
        query->bind(1, saturatingSub(begin, series.offsetNs));
        query->bind(2, saturatingSub(to, series.offsetNs));
        TS_TRY(eachRow(*query, [&](Statement &row) {
            if (!row.isNull(1))
                series.points.push_back({saturatingAdd(row.integer(0), series.offsetNs), row.real(1)});
        }));
        query->reset();
    }
    return {};
}

Result<void> readThinned(Database &database, const std::vector<LiveSource> &sources, LiveCache &cache)
{
    for (const LiveSource &source : sources) {
        if (!source.isRecording)
            continue;
        const auto until = rolledUntil(database, source);
        if (!until)
            return tl::unexpected(until.error());
        cache.thinnedSources[source.id] = *until;
        for (const auto &[server, name] : source.servers)
            cache.thinnedServers[server] = *until;
    }
    return {};
}

Nanos thinnedUntil(const std::map<std::int64_t, Nanos> &times, std::int64_t id)
{
    const auto found = times.find(id);
    return found == times.end() ? std::numeric_limits<Nanos>::min() : found->second;
}

/// Keeps what lies in [from, to) of what was read before.
void keepOnly(LiveCache &cache, Nanos from, Nanos to)
{
    const auto isOutside = [&](const auto &row) { return row.tsNs < from || row.tsNs >= to; };
    std::erase_if(cache.moments, isOutside);
    std::erase_if(cache.replicas, isOutside);
    std::erase_if(cache.pools, isOutside);
    for (LiveCache::Series &series : cache.series)
        std::erase_if(series.points, [&](const LivePoint &point) {
            return point.tsNs < saturatingSub(from, kCounterReach) || point.tsNs >= to;
        });
}

Result<LiveCache> readCache(Database &database, const std::vector<LiveSource> &sources, TimeRange window,
    const std::shared_ptr<const LiveCache> &before)
{
    LiveCache cache = before ? *before : LiveCache{};
    const bool isNext = before && !cache.covered.isEmpty() && window.begin >= cache.covered.begin
        && window.begin <= cache.covered.end && window.end >= cache.covered.end - kOverlap;
    const Nanos from
        = isNext ? std::max(window.begin, std::min(cache.covered.end, window.end) - kOverlap) : window.begin;
    if (isNext)
        keepOnly(cache, window.begin, from);
    else
        cache = {};
    cache.covered = window;
    TS_TRY(readThinned(database, sources, cache));
    TS_TRY(readSeriesList(database, sources, cache));
    // Points first: when the sessions probe ran is among them.
    TS_TRY(readPoints(database, isNext ? from : saturatingSub(from, kCounterReach), window.end, cache));
    for (const LiveSource &source : sources) {
        TS_TRY(readMoments(database, source, from, window.end, cache));
        TS_TRY(readReplicas(database, source, from, window.end, cache));
        TS_TRY(readPools(database, source, from, window.end, cache));
    }
    return cache;
}

void addSessions(LivePicture &picture, const LiveCache &cache,
    const std::map<std::int64_t, std::size_t> &places)
{
    std::vector<std::array<std::vector<LivePoint>, LiveCache::kCounts>> points(picture.servers.size());
    std::vector<Nanos> thinned(picture.servers.size(), std::numeric_limits<Nanos>::min());
    for (const LiveCache::Moment &moment : cache.moments) {
        const auto place = places.find(moment.server);
        if (place == places.end())
            continue;
        Nanos &until = thinned[place->second];
        until = std::max(until, thinnedUntil(cache.thinnedServers, moment.server));
        for (std::size_t i = 0; i < LiveCache::kCounts; ++i) {
            if (!std::isnan(moment.counts[i]))
                points[place->second][i].push_back({moment.tsNs, double(moment.counts[i])});
        }
        LiveServer &server = picture.servers[place->second];
        if (moment.tsNs >= server.lastSampleNs) {
            server.lastSampleNs = moment.tsNs;
            double clients = 0;
            for (const LiveLine state :
                {LiveLine::Active, LiveLine::IdleInTransaction, LiveLine::Idle, LiveLine::OtherState})
                clients += double(moment.counts[std::size_t(state)]);
            server.connections = std::isnan(clients) ? std::nullopt : std::optional(std::int64_t(clients));
        }
    }
    for (std::size_t server = 0; server < points.size(); ++server) {
        for (std::size_t i = 0; i < LiveCache::kCounts; ++i) {
            auto &line = points[server][i];
            std::stable_sort(line.begin(), line.end(),
                [](const LivePoint &a, const LivePoint &b) { return a.tsNs < b.tsNs; });
            if (line.empty())
                continue;
            // Minutes are told as samples two seconds apart: how far real ones are is not theirs to say.
            const LiveHold hold = holdOf(line, 3 * kNanosPerSecond, thinned[server]);
            picture.servers[server].lines[i] = meanInBins(line, picture.bins, LiveHold(hold.usual));
        }
    }
}

/// When the sessions of the server that a series is about were asked for, in the same recording.
std::span<const LivePoint> runsOf(const LiveCache &cache, const LiveCache::Series &series)
{
    for (const LiveCache::Series &one : cache.series) {
        if (one.metric == kSessionRuns && one.source == series.source && one.server == series.server)
            return one.points;
    }
    return {};
}

void addRates(LivePicture &picture, const LiveCache &cache)
{
    std::vector<bool> hasWal(picture.servers.size());
    for (const bool isFallback : {false, true}) {
        for (const LiveCache::Series &series : cache.series) {
            if ((series.metric == kWalPosition) != isFallback || series.points.empty()
                || series.metric == kSessionRuns)
                continue;
            const auto server
                = std::find_if(picture.servers.begin(), picture.servers.end(), [&](const LiveServer &one) {
                      return one.name == series.server
                          || (!series.server.empty() && one.address == series.server);
                  });
            if (server == picture.servers.end())
                continue;
            const auto place = std::size_t(server - picture.servers.begin());
            LiveLine line = LiveLine::WalBytes;
            if (!isFallback)
                line = std::find_if(kRates.begin(), kRates.end(), [&](const MetricLine &one) {
                    return one.metric == series.metric;
                })->line;
            if (isFallback && hasWal[place])
                continue;
            hasWal[place] = hasWal[place] || line == LiveLine::WalBytes;
            const LiveHold hold = holdOf(series.points, 10 * kNanosPerSecond,
                thinnedUntil(cache.thinnedSources, series.source));
            addLine(server->lines[std::size_t(line)],
                rateInBins(withRests(series.points, runsOf(cache, series), hold), picture.bins, hold));
        }
    }
}

template<typename Row, typename Value>
std::vector<double> lineOf(const std::vector<const Row *> &rows, const LiveCache &cache, const LiveBins &bins,
    Value value)
{
    std::vector<LivePoint> points;
    Nanos thinned = std::numeric_limits<Nanos>::min();
    for (const Row *row : rows) {
        thinned = std::max(thinned, thinnedUntil(cache.thinnedServers, row->server));
        const double known = value(*row);
        if (!std::isnan(known))
            points.push_back({row->tsNs, known});
    }
    std::stable_sort(points.begin(), points.end(),
        [](const LivePoint &a, const LivePoint &b) { return a.tsNs < b.tsNs; });
    return meanInBins(points, bins, holdOf(points, 3 * kNanosPerSecond, thinned));
}

/// Rows by the server's name and their own.
template<typename Row>
auto byName(const std::vector<Row> &rows, const LivePicture &picture,
    const std::map<std::int64_t, std::size_t> &places)
{
    std::map<std::pair<std::string, std::string>, std::vector<const Row *>> groups;
    for (const Row &row : rows) {
        const auto place = places.find(row.server);
        groups[{place == places.end() ? std::string() : picture.servers[place->second].name, row.name}]
            .push_back(&row);
    }
    return groups;
}

void addReplicasAndPools(LivePicture &picture, const LiveCache &cache,
    const std::map<std::int64_t, std::size_t> &places)
{
    const LiveBins &bins = picture.bins;
    for (const auto &[name, rows] : byName(cache.replicas, picture, places))
        picture.replicas.push_back({name.first, name.second,
            lineOf(rows, cache, bins, [](const LiveCache::Replica &row) { return row.lagMs / 1000; }),
            lineOf(rows, cache, bins, [](const LiveCache::Replica &row) { return row.bytes; })});
    for (const auto &[name, rows] : byName(cache.pools, picture, places))
        picture.pools.push_back({name.first, name.second,
            lineOf(rows, cache, bins, [](const LiveCache::Pool &row) { return row.active; }),
            lineOf(rows, cache, bins, [](const LiveCache::Pool &row) { return row.capacity; }),
            lineOf(rows, cache, bins, [](const LiveCache::Pool &row) { return row.waiting; })});
}

} // namespace

Result<LiveAnswer> readLive(const store::Workspace &workspace, TimeRange window,
    const std::shared_ptr<const LiveCache> &before, const Progress &progress)
{
    const auto start = std::chrono::steady_clock::now();
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    // One state of the data: a series of a source that came between two reads would never be looked at again.
    TS_TRY(database->execute("BEGIN"));
    auto sources = liveSources(*database);
    if (!sources)
        return tl::unexpected(sources.error());
    auto cache = readCache(*database, *sources, window, before);
    if (!cache)
        return tl::unexpected(cache.error());
    LiveAnswer answer;
    answer.picture.window = window;
    answer.picture.bins = LiveBins::of(window);
    std::map<std::int64_t, std::size_t> places;
    auto servers = liveServers(*database, *sources, window.end, places);
    if (!servers)
        return tl::unexpected(servers.error());
    answer.picture.servers = std::move(*servers);
    addSessions(answer.picture, *cache, places);
    addRates(answer.picture, *cache);
    addReplicasAndPools(answer.picture, *cache, places);
    TS_TRY(addFigures(*database, *sources, window.end, places, answer.picture.servers));
    answer.cache = std::make_shared<const LiveCache>(std::move(*cache));
    answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return answer;
}

Result<std::vector<LiveEvent>> readLiveEvents(const store::Workspace &workspace)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    auto query
        = database->prepare("SELECT e.id, e.ts_ns, e.end_ns, e.kind, e.service, e.title, e.detail FROM event"
                            " AS e LEFT JOIN source AS s ON s.id = e.source_id"
                            " WHERE e.source_id IS NULL OR s.kind IN ('recording', 'catalog')"
                            " ORDER BY e.ts_ns DESC, e.id DESC LIMIT ?1");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, std::int64_t(kMaxLiveEvents));
    std::vector<LiveEvent> events;
    TS_TRY(eachRow(*query, [&](Statement &row) {
        events.push_back({row.integer(0), row.integer(1), row.optionalInteger(2), std::string(row.text(3)),
            std::string(row.text(4)), std::string(row.text(5)), std::string(row.text(6))});
    }));
    std::reverse(events.begin(), events.end());
    return events;
}

} // namespace tailscope::items
