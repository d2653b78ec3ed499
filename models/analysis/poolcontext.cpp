// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolverdicts.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr double kPercentFrom = 1.5; // a utilisation above it is written in percent

/// Runs a query and hands each row to `take`.
template<typename Take>
Result<void> each(store::Database &reader, const char *sql, Take take)
{
    Result<store::Statement> query = reader.prepare(sql);
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return fail(more.error());
        if (!*more)
            return {};
        take(*query);
    }
}

// The states of one time are added up: those at work of sessions, the modes of processors but idle ones.
constexpr const char *kSeries = R"(
WITH wanted AS MATERIALIZED (
  SELECT s.id, CASE s.metric WHEN 'postgresql.pg_stat_activity.count' THEN 'postgresql.backends'
      WHEN 'postgresql.settings.max_connections' THEN 'postgresql.connection.max' ELSE s.metric END AS metric,
    CASE WHEN s.metric LIKE 'postgresql.pg!_%' ESCAPE '!' OR s.metric LIKE 'postgresql.settings.%'
      THEN coalesce(s.instance, s.service, '') ELSE coalesce(s.service, s.instance, '') END AS name,
    coalesce(json_extract(s.labels, '$.cpu'), json_extract(s.labels, '$."cpu.logical_number"'), '') AS core,
    coalesce(json_extract(s.labels, '$."cpu.mode"'), json_extract(s.labels, '$.mode'),
      json_extract(s.labels, '$.state'), json_extract(s.labels, '$."db.client.connection.state"')) AS state
  FROM series AS s
  WHERE s.metric IN ('postgresql.backends', 'postgresql.connection.max', 'system.cpu.utilization',
      'postgresql.pg_stat_activity.count', 'postgresql.settings.max_connections')
    AND (s.labels IS NULL OR json_valid(s.labels))
  LIMIT 2000
), summed AS (
  SELECT w.metric, w.name, w.core, p.ts_ns, sum(p.value) AS value FROM wanted AS w JOIN point AS p ON p.series_id = w.id
  WHERE CASE w.metric WHEN 'postgresql.backends' THEN w.state = 'active'
    WHEN 'system.cpu.utilization' THEN coalesce(w.state, 'all') NOT IN ('idle', 'iowait', 'wait', 'steal') ELSE 1 END
  GROUP BY w.metric, w.name, w.core, p.ts_ns
)
SELECT metric, name, ts_ns, avg(value) FROM summed
GROUP BY metric, name, ts_ns ORDER BY metric, name, ts_ns)";

constexpr const char *kSessions
    = "SELECT server_id, ts_ns, sum(state = 'active') FROM session_sample"
      " WHERE coalesce(backend_type, 'client backend') = 'client backend' AND ts_ns IS NOT NULL"
      " GROUP BY server_id, ts_ns ORDER BY server_id, ts_ns";

} // namespace

Result<PoolContext> PoolContext::read(store::Database &reader)
{
    PoolContext context;
    Result<std::vector<Topology>> topologies = readTopologies(reader);
    if (!topologies)
        return fail(topologies.error());
    context.m_topologies = std::move(*topologies);
    TS_TRY(each(reader, "SELECT id, coalesce(name, host, '') FROM server ORDER BY id",
        [&](const auto &row) { context.m_names.emplace_back(row.integer(0), std::string(row.text(1))); }));
    TS_TRY(context.readSessions(reader));
    TS_TRY(context.readSeries(reader));
    return context;
}

Result<void> PoolContext::readSessions(store::Database &reader)
{
    return each(reader, kSessions, [&](const store::Statement &row) {
        const std::int64_t id = row.integer(0);
        if (m_servers.empty() || m_servers.back().id != id) {
            Server server;
            server.id = id;
            for (const auto &[known, name] : m_names) {
                if (known == id)
                    server.name = name;
            }
            m_servers.push_back(std::move(server));
        }
        m_servers.back().active.emplace_back(row.integer(1), row.real(2));
    });
}

Result<void> PoolContext::readSeries(store::Database &reader)
{
    std::map<std::string, Server> found;
    std::map<std::string, TimedValues> processors;
    TS_TRY(each(reader, kSeries, [&](const store::Statement &row) {
        const std::string name(row.text(1));
        const double value = row.real(3);
        if (std::isnan(value))
            return;
        if (row.text(0) == "system.cpu.utilization") {
            processors[name].emplace_back(row.integer(2), value > kPercentFrom ? value / 100 : value);
            return;
        }
        Server &server = found[name];
        server.name = name;
        if (row.text(0) == "postgresql.backends")
            server.active.emplace_back(row.integer(2), value);
        else
            server.maxConnections = std::max(server.maxConnections.value_or(0), value);
    }));
    for (auto &[name, server] : found) {
        const auto same = std::find_if(m_servers.begin(), m_servers.end(),
            [&name = name](const Server &each) { return !name.empty() && each.name == name; });
        if (same == m_servers.end()) {
            m_servers.push_back(std::move(server));
        } else {
            same->maxConnections = server.maxConnections;
            if (same->active.empty())
                same->active = std::move(server.active);
        }
    }
    // Processors of a host that nothing else tells of may still be those of a configured server.
    for (auto &[name, values] : processors) {
        bool isKnown = false;
        for (Server &server : m_servers) {
            if (server.name != name)
                continue;
            server.cpu = values;
            isKnown = true;
        }
        const bool isConfigured
            = std::any_of(m_topologies.begin(), m_topologies.end(), [&](const Topology &topology) {
                  return std::any_of(topology.servers.begin(), topology.servers.end(),
                      [&](const ServerConfig &server) { return server.name == name; });
              });
        if (!isKnown && isConfigured)
            m_servers.push_back({0, name, {}, values, std::nullopt});
    }
    return {};
}

const PoolConfig *PoolContext::configOf(const PoolSeries &series, double capacity, int instances,
    const Topology **topology) const
{
    const PoolConfig *best = nullptr;
    int bestScore = 0;
    std::size_t pools = 0;
    for (const Topology &each : m_topologies)
        pools += each.pools.size();
    for (const Topology &each : m_topologies) {
        for (const PoolConfig &pool : each.pools) {
            const bool isNamed = pool.pool == series.pool || pool.service + "." + pool.pool == series.pool
                || (pool.service == "pgbouncer" && series.pool.starts_with(pool.pool + "/"))
                || pool.service + "/" + pool.pool == series.pool;
            if (!isNamed && pools != m_topologies.size())
                continue; // the only pool of a file needs no name
            int score = isNamed ? 4 : 1;
            if (pool.size && double(*pool.size) == capacity)
                score += 2;
            if (pool.instances && *pool.instances == instances)
                score += 2;
            if (score > bestScore) {
                bestScore = score;
                best = &pool;
                *topology = &each;
            }
        }
    }
    return best;
}

const PoolContext::Server *PoolContext::serverOf(const std::string &name, std::int64_t id) const
{
    for (const Server &server : m_servers) {
        if ((id != 0 && server.id == id) || (!name.empty() && server.name == name))
            return &server;
    }
    return name.empty() && m_servers.size() == 1 ? &m_servers.front() : nullptr;
}

PoolSurroundings PoolContext::surroundingsOf(const PoolSeries &series, double capacity, int instances) const
{
    PoolSurroundings around;
    if (series.kind != "connection")
        return around;
    const Topology *topology = nullptr;
    const PoolConfig *config = configOf(series, capacity, instances, &topology);
    const ServerConfig *server = nullptr;
    if (config) {
        around.acquireTimeoutMs = config->acquireTimeoutMs;
        for (const CallConfig &call : topology->calls) {
            if (call.callee == config->service)
                around.clientTimeoutMs
                    = std::min(around.clientTimeoutMs.value_or(call.timeoutMs), call.timeoutMs);
        }
        server = topology->serverOf(config->target);
        around.server = server ? server->name : config->target;
    } else if (m_topologies.size() == 1) {
        server = m_topologies.front().serverOf({});
        around.server = server ? server->name : std::string();
    }
    const bool isDirect = !config || !config->isMultiplexed();
    if (isDirect && server && server->maxConnections)
        around.serverLimit = double(*server->maxConnections - server->reserved.value_or(0));
    if (server && server->cores)
        around.serverCores = double(*server->cores);
    if (const Server *known = serverOf(around.server, around.server.empty() ? series.serverId : 0)) {
        if (around.server.empty())
            around.server = known->name;
        around.serverActive = known->active;
        around.serverCpu = known->cpu;
        if (isDirect && !around.serverLimit)
            around.serverLimit = known->maxConnections;
    }
    return around;
}

} // namespace tailscope::analysis
