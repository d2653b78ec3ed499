// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolconfig.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kMaxRows = 200'000;
constexpr std::int64_t kMost = 100'000; // of instances, workers, connections

std::optional<std::int64_t> countOf(std::string_view text)
{
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || value < 0)
        return std::nullopt;
    return std::min<std::int64_t>(value, kMost * kMost);
}

/// Milliseconds by the unit of the row; HikariCP and TOML write plain numbers.
std::optional<double> millisOf(std::string_view text, std::string_view unit)
{
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || !(value >= 0) || !std::isfinite(value))
        return std::nullopt;
    return unit == "s" ? value * 1000 : unit == "us" ? value / 1000 : value;
}

bool isOneOf(std::string_view key, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), key) != names.end();
}

struct Row
{
    std::string kind, subject, parent, key, value, unit;
};

/// What the rows of one file say, while they are read.
struct Draft
{
    std::string path;
    struct Service
    {
        std::optional<std::int64_t> instances, maxInstances, workers;
    };
    std::map<std::string, Service> services;
    std::map<std::pair<std::string, std::string>, PoolConfig> pools; ///< service, pool
    std::map<std::string, ServerConfig> servers;
    std::vector<CallConfig> calls;

    void take(const Row &row)
    {
        if (row.kind == "service")
            service(services[row.subject], row);
        else if (row.kind == "pool")
            pool(pools[{row.parent, row.subject}], row);
        else if (row.kind == "server")
            server(servers[row.subject], row);
        else if (row.kind == "call" && row.key == "timeout_ms")
            call(row);
    }

private:
    static void service(Service &service, const Row &row)
    {
        if (row.key == "instances")
            service.instances = countOf(row.value);
        else if (isOneOf(row.key, {"max_instances", "instances_max", "autoscale_max"}))
            service.maxInstances = countOf(row.value);
        else if (row.key == "workers")
            service.workers = countOf(row.value);
    }
    static void pool(PoolConfig &pool, const Row &row)
    {
        pool.service = row.parent;
        pool.pool = row.subject;
        if (isOneOf(row.key,
                {"size", "pool_size", "maximum_pool_size", "maximumPoolSize", "default_pool_size"}))
            pool.size = countOf(row.value);
        else if (row.key == "target")
            pool.target = row.value;
        else if (isOneOf(row.key, {"mode", "pool_mode"}))
            pool.mode = row.value;
        else if (isOneOf(row.key, {"acquire_timeout_ms", "connectionTimeout", "connection_timeout_ms"}))
            pool.acquireTimeoutMs = millisOf(row.value, row.unit);
    }
    static void server(ServerConfig &server, const Row &row)
    {
        server.name = row.subject;
        if (row.key == "max_connections")
            server.maxConnections = countOf(row.value);
        else if (row.key == "reserved")
            server.reserved = countOf(row.value);
        else if (row.key == "cores")
            server.cores = countOf(row.value);
        else if (row.key == "spindles")
            server.spindles = countOf(row.value);
    }
    void call(const Row &row)
    {
        const auto arrow = row.subject.find("->");
        const auto limit = millisOf(row.value, row.unit);
        if (limit && *limit > 0)
            calls.push_back({row.parent,
                arrow == std::string::npos ? row.subject : row.subject.substr(arrow + 2), *limit});
    }
};

Topology finished(std::int64_t sourceId, Draft draft)
{
    Topology topology;
    topology.sourceId = sourceId;
    topology.path = std::move(draft.path);
    for (auto &[key, pool] : draft.pools) {
        if (const auto found = draft.services.find(pool.service); found != draft.services.end()) {
            pool.instances = found->second.instances;
            pool.maxInstances = found->second.maxInstances;
            pool.workers = found->second.workers;
        }
        topology.pools.push_back(std::move(pool));
    }
    for (auto &[name, server] : draft.servers)
        topology.servers.push_back(std::move(server));
    topology.calls = std::move(draft.calls);
    return topology;
}

/// Limits from pg_settings or postgresql.conf, by server; PostgreSQL 16 counts two reserves.
Result<std::map<std::string, ServerConfig>> readSettings(store::Database &reader)
{
    Result<store::Statement> query = reader.prepare(
        "SELECT coalesce(v.name, v.host, ''), s.name, s.setting FROM setting AS s LEFT JOIN server AS v ON "
        "v.id = s.server_id"
        " WHERE s.name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"
        " ORDER BY s.ts_ns LIMIT 20000");
    if (!query)
        return fail(query.error());
    std::map<std::string, ServerConfig> servers;
    std::map<std::string, std::map<std::string, std::int64_t>> reserves;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return fail(more.error());
        if (!*more)
            break;
        const std::string server(query->text(0)), name(query->text(1));
        const auto value = countOf(query->text(2));
        if (!value)
            continue;
        servers[server].name = server;
        if (name == "max_connections")
            servers[server].maxConnections = value;
        else
            reserves[server][name] = *value;
    }
    // What the file leaves out has PostgreSQL's default.
    for (const auto &[server, limits] : servers) {
        if (limits.maxConnections.value_or(0) > 3)
            reserves[server].try_emplace("superuser_reserved_connections", 3);
    }
    for (const auto &[server, parts] : reserves) {
        std::int64_t sum = 0;
        for (const auto &[name, value] : parts)
            sum += value;
        servers[server].reserved = sum;
    }
    return servers;
}

} // namespace

const ServerConfig *Topology::serverOf(const std::string &target) const
{
    const std::string host = target.substr(0, target.find_first_of(":/")); // of "orders-db:5432/shop"
    for (const ServerConfig &server : servers) {
        if (server.name == target || (!host.empty() && server.name == host))
            return &server;
    }
    // A configuration file of a server does not tell its name: it is that of the only one there is.
    const bool isOnly = servers.size() == 1
        && (target.empty() || servers.front().name.empty() || servers.front().name == "postgresql");
    return isOnly ? &servers.front() : nullptr;
}

Result<std::vector<Topology>> readTopologies(store::Database &reader)
{
    Result<store::Statement> query = reader.prepare(
        "SELECT c.source_id, s.path, c.subject_kind, c.subject, c.parent, c.key, c.value, c.unit"
        " FROM config AS c LEFT JOIN source AS s ON s.id = c.source_id ORDER BY c.source_id, c.id LIMIT ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, kMaxRows);
    std::map<std::int64_t, Draft> drafts;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return fail(more.error());
        if (!*more)
            break;
        Draft &draft = drafts[query->integer(0)];
        draft.path = query->text(1);
        const auto text = [&](int column) { return std::string(query->text(column)); };
        draft.take({text(2), text(3), text(4), text(5), text(6), text(7)});
    }
    const auto settings = readSettings(reader);
    if (!settings)
        return fail(settings.error());
    std::vector<Topology> topologies;
    for (auto &[sourceId, draft] : drafts) {
        Topology topology = finished(sourceId, std::move(draft));
        // A file that names no server counts against those whose settings are known.
        for (const auto &[name, server] : *settings) {
            if (!server.maxConnections)
                continue;
            const auto same = std::find_if(topology.servers.begin(), topology.servers.end(),
                [&name = name](const ServerConfig &each) { return each.name == name; });
            if (same == topology.servers.end())
                topology.servers.push_back(server);
            else if (!same->maxConnections)
                *same = {name, server.maxConnections, server.reserved, same->cores, same->spindles};
        }
        topologies.push_back(std::move(topology));
    }
    if (topologies.empty() && !settings->empty()) {
        Topology topology;
        for (const auto &[name, server] : *settings)
            topology.servers.push_back(server);
        topologies.push_back(std::move(topology));
    }
    return topologies;
}

std::int64_t Fleet::instances(bool atMost) const
{
    std::map<std::string, std::int64_t> each;
    for (const Part &part : parts) {
        if (part.counted)
            each[part.service] = std::max(each[part.service], atMost ? part.maxInstances : part.instances);
    }
    std::int64_t sum = 0;
    for (const auto &[service, n] : each)
        sum += n;
    return sum;
}

namespace {

/// Several pools on one server: the biggest part decides what a further instance brings.
void account(Fleet &fleet)
{
    std::sort(fleet.parts.begin(), fleet.parts.end(), [](const Fleet::Part &a, const Fleet::Part &b) {
        return a.demand() != b.demand() ? a.demand() > b.demand()
                                        : std::tie(a.service, a.pool) < std::tie(b.service, b.pool);
    });
    const auto sum = [&](bool most) -> FleetDemand {
        const Fleet::Part *first = nullptr;
        FleetInput input;
        input.limit = fleet.maxConnections;
        input.reserved = fleet.reserved;
        for (const Fleet::Part &part : fleet.parts) {
            if (!part.counted)
                continue;
            if (!first)
                first = &part;
            else
                input.others += most ? part.maxDemand() : part.demand();
        }
        if (!first)
            return {};
        input.instances = most ? first->maxInstances : first->instances;
        input.workers = first->workers;
        input.poolSize = first->size;
        const Result<FleetDemand> result = fleetDemand(input);
        return result ? *result : FleetDemand{};
    };
    fleet.now = sum(false);
    fleet.atMost = sum(true);
}

} // namespace

std::vector<Fleet> fleetsOf(const std::vector<Topology> &topologies)
{
    std::vector<Fleet> fleets;
    for (const Topology &topology : topologies) {
        std::map<std::string, Fleet> byServer;
        for (const PoolConfig &pool : topology.pools) {
            const ServerConfig *server = topology.serverOf(pool.target);
            if (!server || !pool.size || !server->maxConnections
                || *server->maxConnections <= server->reserved.value_or(0))
                continue;
            Fleet &fleet = byServer[server->name];
            fleet.sourceId = topology.sourceId;
            fleet.path = topology.path;
            fleet.server = server->name;
            fleet.maxConnections = *server->maxConnections;
            fleet.reserved = server->reserved.value_or(0);
            fleet.cores = server->cores;
            fleet.spindles = server->spindles;
            Fleet::Part part;
            part.service = pool.service;
            part.pool = pool.pool;
            part.mode = pool.mode;
            part.instances = std::clamp<std::int64_t>(pool.instances.value_or(1), 1, kMost);
            part.maxInstances
                = std::clamp<std::int64_t>(pool.maxInstances.value_or(part.instances), part.instances, kMost);
            part.workers = std::clamp<std::int64_t>(pool.workers.value_or(1), 1, kMost);
            part.size = std::min(*pool.size, kMost);
            part.counted = !pool.isMultiplexed();
            fleet.parts.push_back(std::move(part));
        }
        for (auto &[name, fleet] : byServer) {
            account(fleet);
            if (fleet.now.usable > 0)
                fleets.push_back(std::move(fleet));
        }
    }
    return fleets;
}

const char *fleetStateText(FleetDemand::State state)
{
    switch (state) {
    case FleetDemand::State::Ok:
        return "ok";
    case FleetDemand::State::AboveMargin:
        return "above_margin";
    case FleetDemand::State::Full:
        return "full";
    case FleetDemand::State::Oversubscribed:
        return "oversubscribed";
    }
    return "ok";
}

} // namespace tailscope::analysis
