// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livefigures.h"

#include "store/schema.h"

#include <algorithm>
#include <initializer_list>

namespace tailscope::items {

namespace {

using store::Database;
using store::Statement;

constexpr const char *kServerRows
    = "SELECT id, source_id, coalesce(name, host || ':' || port, 'server ' || id), kind, server_version,"
      " in_recovery, postmaster_start_ns, hidden, host || ':' || port FROM server ORDER BY id";
constexpr Nanos kHour = 3600 * kNanosPerSecond;
/// Sessions are sampled each second, with thousands of them every five.
constexpr Nanos kRecent = 12 * kNanosPerSecond;

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

LiveServer *serverOf(std::int64_t id, const std::map<std::int64_t, std::size_t> &places,
    std::vector<LiveServer> &servers)
{
    const auto place = places.find(id);
    return place == places.end() ? nullptr : &servers[place->second];
}

/// The oldest transaction in the newest sample of each server: who has one is stored with every sample.
Result<void> addSessions(Database &database, const LiveSource &source, Nanos moment,
    const std::map<std::int64_t, std::size_t> &places, std::vector<LiveServer> &servers)
{
    auto query = database.prepare(store::expandedSql(
        "WITH recent AS (SELECT r.server_id, r.ts_ns, $text(r.backend_type_id) AS type, r.xact_start_ns"
        " FROM session_sample_raw AS r INDEXED BY session_sample_raw_time"
        " WHERE r.source_id = ?1 AND r.ts_ns > ?2 AND r.ts_ns < ?3),"
        " newest AS (SELECT server_id, max(ts_ns) AS ts_ns FROM recent GROUP BY server_id)"
        " SELECT n.server_id, n.ts_ns, min(r.xact_start_ns) FROM newest AS n"
        " JOIN recent AS r ON r.server_id = n.server_id AND r.ts_ns = n.ts_ns"
        " WHERE ifnull(r.type, 'client backend') = 'client backend' GROUP BY n.server_id"));
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    query->bind(1, saturatingSub(moment, source.offsetNs + kRecent));
    query->bind(2, saturatingSub(moment, source.offsetNs));
    return eachRow(*query, [&](Statement &row) {
        LiveServer *server = serverOf(row.integer(0), places, servers);
        if (!server)
            return;
        const Nanos at = saturatingAdd(row.integer(1), source.offsetNs);
        const bool isNewest
            = server->lastSampleNs == kUnknownNanos || server->lastSampleNs - at < kNanosPerSecond;
        server->oldestTransactionNs = row.isNull(2) || !isNewest
            ? 0 // a newer run stored no row: nobody did anything
            : std::max<Nanos>(0, saturatingSub(row.integer(1), row.integer(2)));
    });
}

/// Locks are read only while somebody waits: the edges of the last moments.
Result<void> addWaits(Database &database, const LiveSource &source, Nanos moment,
    const std::map<std::int64_t, std::size_t> &places, std::vector<LiveServer> &servers)
{
    auto query = database.prepare("SELECT r.server_id, max(r.waited_ms) FROM lock_edge_raw AS r"
                                  " INDEXED BY lock_edge_raw_time WHERE r.source_id = ?1 AND r.ts_ns > ?2"
                                  " AND r.ts_ns < ?3 GROUP BY r.server_id");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    query->bind(1, saturatingSub(moment, source.offsetNs + 5 * kNanosPerSecond / 2));
    query->bind(2, saturatingSub(moment, source.offsetNs));
    return eachRow(*query, [&](Statement &row) {
        LiveServer *server = serverOf(row.integer(0), places, servers);
        if (server && !row.isNull(1))
            server->longestWaitMs = std::max(server->longestWaitMs.value_or(0), row.real(1));
    });
}

/// Settings are stored when they change: the newest row before the moment.
Result<void> addLimits(Database &database, const LiveSource &source, Nanos moment,
    const std::map<std::int64_t, std::size_t> &places, std::vector<LiveServer> &servers)
{
    auto query = database.prepare(
        "SELECT r.server_id, r.name, r.setting, max(r.ts_ns) FROM setting_raw AS r WHERE r.source_id = ?1"
        " AND r.name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"
        " AND (r.ts_ns IS NULL OR r.ts_ns < ?2) GROUP BY r.server_id, r.name");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    query->bind(1, saturatingSub(moment, source.offsetNs));
    // A server that was reconnected has several rows: the newest setting of each name counts.
    std::map<std::pair<LiveServer *, std::string>, std::pair<Nanos, std::int64_t>> newest;
    TS_TRY(eachRow(*query, [&](Statement &row) {
        LiveServer *server = serverOf(row.integer(0), places, servers);
        if (!server || row.isNull(2))
            return;
        auto &known = newest.try_emplace({server, std::string(row.text(1))}, kUnknownNanos, 0).first->second;
        if (row.isNull(3) || row.integer(3) >= known.first)
            known = {row.isNull(3) ? kUnknownNanos : row.integer(3), row.integer(2)};
    }));
    for (const auto &[key, value] : newest) {
        if (key.second == "max_connections")
            key.first->maxConnections = value.second;
        else
            key.first->reservedConnections = key.first->reservedConnections.value_or(0) + value.second;
    }
    return {};
}

/// Sum over the databases of the newest value before `moment`; unknown when none has one.
Result<void> addSizes(Database &database, const std::vector<LiveSource> &sources, Nanos moment,
    std::vector<LiveServer> &servers)
{
    auto list = database.prepare(store::expandedSql(
        "SELECT r.id, coalesce($text(r.service_id), $text(r.instance_id)), r.source_id, $text(r.metric_id),"
        " (SELECT k.rolled_until_ns FROM recording_retention AS k WHERE k.source_id = r.source_id)"
        " FROM series_raw AS r WHERE $text(r.metric_id) IN ('postgresql.database_bytes',"
        " 'tailscope.probe.duration')"));
    auto newest = database.prepare("SELECT ts_ns, value FROM point_raw WHERE series_id = ?1 AND ts_ns < ?2"
                                   " ORDER BY ts_ns DESC LIMIT 1");
    auto oldest = database.prepare("SELECT ts_ns, value FROM point_raw WHERE series_id = ?1 AND ts_ns >= ?2"
                                   " ORDER BY ts_ns LIMIT 1");
    auto total = database.prepare("SELECT sum(value) FROM point_raw WHERE series_id = ?1 AND ts_ns >= ?2"
                                  " AND ts_ns < ?3");
    for (const auto *query : {&list, &newest, &oldest, &total}) {
        if (!*query)
            return tl::unexpected(query->error());
    }
    const auto first
        = [](Statement &query, std::int64_t series, Nanos ts) -> Result<std::optional<LivePoint>> {
        query.reset();
        query.bind(0, series);
        query.bind(1, ts);
        const auto row = query.step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row || query.isNull(1))
            return std::optional<LivePoint>();
        return std::optional(LivePoint{query.integer(0), query.real(1)});
    };
    Result<void> problem;
    TS_TRY(eachRow(*list, [&](Statement &row) {
        const auto server = std::find_if(servers.begin(), servers.end(), [&](const LiveServer &one) {
            return one.name == row.text(1) || (!one.address.empty() && one.address == row.text(1));
        });
        const auto source = std::find_if(sources.begin(), sources.end(),
            [&](const LiveSource &one) { return one.id == row.integer(2); });
        if (server == servers.end() || source == sources.end() || !problem)
            return;
        const Nanos at = saturatingSub(moment, source->offsetNs);
        if (row.text(3) == "tailscope.probe.duration") {
            // Of minutes that were rolled up three runs are left: their sum is not what it cost.
            if (!row.isNull(4) && at - 60 * kNanosPerSecond < row.integer(4))
                return;
            total->reset();
            total->bind(0, row.integer(0));
            total->bind(1, at - 60 * kNanosPerSecond);
            total->bind(2, at);
            const auto sum = total->step();
            if (sum && *sum && !total->isNull(0))
                server->ownMsPerSecond = server->ownMsPerSecond.value_or(0) + total->real(0) / 60;
            return;
        }
        const auto last = first(*newest, row.integer(0), at);
        const auto before = first(*oldest, row.integer(0), at - kHour);
        if (!last || !before) {
            problem = tl::unexpected(!last ? last.error() : before.error());
            return;
        }
        if (!*last)
            return;
        server->sizeBytes = server->sizeBytes.value_or(0) + (*last)->value;
        if (*before && (*last)->tsNs - (*before)->tsNs >= 60 * kNanosPerSecond)
            server->growthPerHour = server->growthPerHour.value_or(0)
                + ((*last)->value - (*before)->value) * double(kHour)
                    / double((*last)->tsNs - (*before)->tsNs);
    }));
    return problem;
}

} // namespace

Result<std::vector<LiveSource>> liveSources(Database &database)
{
    auto query = database.prepare(
        "SELECT id, offset_ns, kind = 'recording' FROM source WHERE kind IN ('recording', 'catalog')"
        " AND clock = 'utc' AND duplicate_of IS NULL ORDER BY id");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<LiveSource> sources;
    TS_TRY(eachRow(*query, [&](Statement &row) {
        sources.push_back({row.integer(0), row.integer(1), row.integer(2) != 0, {}});
    }));
    auto servers = database.prepare(kServerRows);
    if (!servers)
        return tl::unexpected(servers.error());
    TS_TRY(eachRow(*servers, [&](Statement &row) {
        for (LiveSource &source : sources) {
            if (source.id == row.integer(1))
                source.servers.emplace(row.integer(0), row.text(2));
        }
    }));
    return sources;
}

namespace {

/// When rows of `server` were first sampled: a failover, or the next recording, makes a new row.
class FirstSamples
{
public:
    explicit FirstSamples(Database &database)
        : m_sample(database.prepare("SELECT min(ts_ns) FROM session_sample_raw WHERE server_id = ?1"))
        , m_minute(database.prepare("SELECT EXISTS (SELECT 1 FROM session_minute_raw WHERE server_id = ?1"
                                    " AND ts_ns > ?2 AND ts_ns <= ?3)"))
    {}
    /// moment: without the offset of the source. Unknown rows count at all times.
    Result<bool> isLater(std::int64_t server, Nanos moment)
    {
        const auto first = value(m_sample, {server});
        if (!first)
            return tl::unexpected(first.error());
        if (!*first || **first <= moment)
            return false;
        // Samples of old times may be minutes by now: each has a row of every server.
        const auto minute = value(m_minute, {server, saturatingSub(moment, 600 * kNanosPerSecond), moment});
        if (!minute)
            return tl::unexpected(minute.error());
        return minute->value_or(0) == 0;
    }

private:
    static Result<std::optional<std::int64_t>> value(Result<Statement> &query,
        std::initializer_list<std::int64_t> arguments)
    {
        if (!query)
            return tl::unexpected(query.error());
        query->reset();
        int place = 0;
        for (const std::int64_t argument : arguments)
            query->bind(place++, argument);
        const auto row = query->step();
        if (!row)
            return tl::unexpected(row.error());
        return *row ? query->optionalInteger(0) : std::nullopt;
    }

    Result<Statement> m_sample, m_minute;
};

} // namespace

Result<std::vector<LiveServer>> liveServers(Database &database, const std::vector<LiveSource> &sources,
    Nanos moment, std::map<std::int64_t, std::size_t> &places)
{
    auto query = database.prepare(kServerRows);
    if (!query)
        return tl::unexpected(query.error());
    FirstSamples samples(database);
    std::map<std::string, LiveServer, std::less<>> byName;
    std::vector<std::pair<std::int64_t, std::string>> ids;
    Result<void> problem;
    TS_TRY(eachRow(*query, [&](Statement &row) {
        const auto source = std::find_if(sources.begin(), sources.end(),
            [&](const LiveSource &one) { return one.id == row.integer(1); });
        if (source == sources.end() || !problem)
            return;
        ids.emplace_back(row.integer(0), row.text(2));
        const auto [place, isFirst] = byName.try_emplace(std::string(row.text(2)));
        if (!isFirst) {
            // The newest row counts of those that were there at the moment.
            const auto isLater = samples.isLater(row.integer(0), saturatingSub(moment, source->offsetNs));
            if (!isLater)
                problem = tl::unexpected(isLater.error());
            if (!isLater || *isLater)
                return;
        }
        LiveServer &server = place->second;
        server.name = row.text(2);
        server.kind = row.text(3);
        if (!row.isNull(4))
            server.version = row.text(4);
        if (!row.isNull(5))
            server.inRecovery = row.integer(5) != 0;
        if (!row.isNull(6) && row.integer(6) <= moment)
            server.uptimeNs = saturatingSub(moment, row.integer(6));
        server.hidden = row.text(7);
        if (!row.isNull(8))
            server.address = row.text(8);
    }));
    TS_TRY(std::move(problem));
    std::vector<LiveServer> servers;
    for (auto &[name, server] : byName)
        servers.push_back(std::move(server));
    for (const auto &[id, name] : ids) {
        const auto found = std::find_if(servers.begin(), servers.end(),
            [&name = name](const LiveServer &server) { return server.name == name; });
        places[id] = std::size_t(found - servers.begin());
    }
    return servers;
}

Result<void> addFigures(Database &database, const std::vector<LiveSource> &sources, Nanos moment,
    const std::map<std::int64_t, std::size_t> &places, std::vector<LiveServer> &servers)
{
    for (LiveServer &server : servers) {
        // Sampled, and nobody seen waiting or in a transaction so far.
        if (server.lastSampleNs != kUnknownNanos && moment - server.lastSampleNs < kRecent) {
            server.longestWaitMs = 0;
            server.oldestTransactionNs = 0;
        }
    }
    for (const LiveSource &source : sources) {
        TS_TRY(addSessions(database, source, moment, places, servers));
        TS_TRY(addWaits(database, source, moment, places, servers));
        TS_TRY(addLimits(database, source, moment, places, servers));
    }
    return addSizes(database, sources, moment, servers);
}

} // namespace tailscope::items
