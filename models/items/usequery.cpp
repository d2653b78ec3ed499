// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/usequery.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::items {

namespace {

constexpr std::size_t kMaxSubjects = 200;

std::string inList(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

const std::string kSubject = "coalesce(nullif(s.instance, ''), nullif(s.service, ''), 'all')";
const std::string kPoints
    = " FROM series AS s JOIN point AS p ON p.series_id = s.id WHERE p.ts_ns BETWEEN ?1 AND ?2"
      " AND p.value IS NOT NULL AND s.metric IN (";

/// A gauge as it is, times `scale`.
std::string gauge(const std::vector<std::string> &metrics, const std::string &more = {}, double scale = 1)
{
    const std::string value = "p.value * " + std::to_string(scale);
    return "SELECT " + kSubject + ", avg(" + value + "), max(" + value + "), count(*), min(s.metric)"
        + kPoints + inList(metrics) + ")" + more + " GROUP BY 1 ORDER BY 3 DESC LIMIT 200";
}

/// Increase a second of counters over the whole time; a counter that fell began anew and is counted from 0.
/// figures: of the series of one subject.
std::string rate(const std::vector<std::string> &metrics, const std::string &more = {},
    const std::string &figures = "sum(speed), sum(speed)")
{
    return "WITH steps AS (SELECT " + kSubject
        + " AS subject, s.metric, s.id, p.ts_ns, p.value, lag(p.value) OVER w AS before,"
          " p.ts_ns - lag(p.ts_ns) OVER w AS distance"
        + kPoints + inList(metrics) + ")" + more
        + " WINDOW w AS (PARTITION BY s.id ORDER BY p.ts_ns)), per AS (SELECT subject, metric, id,"
          " sum(CASE WHEN value >= before THEN value - before ELSE value END) * 1e9 / sum(distance) AS speed,"
          " count(*) AS n FROM steps WHERE before IS NOT NULL AND distance > 0 GROUP BY id)"
          " SELECT subject, "
        + figures + ", sum(n), min(metric) FROM per GROUP BY subject ORDER BY 3 DESC LIMIT 200";
}

const std::string kMode
    = "coalesce(json_extract(s.labels, '$.mode'), json_extract(s.labels, '$.\"cpu.mode\"'),"
      " json_extract(s.labels, '$.state'), '')";
const std::string kCore
    = "coalesce(json_extract(s.labels, '$.cpu'), json_extract(s.labels, '$.\"cpu.logical_number\"'), '')";
const std::string kNotBusy = "('idle', 'iowait', 'wait', 'steal', 'stolen')";
/// Of memory: what could be had at once is not in use.
const std::string kInUse = " AND coalesce(json_extract(s.labels, '$.\"system.memory.state\"'), " + kMode
    + ") NOT IN ('free', 'buffers', 'buffered', 'cached', 'inactive', 'slab_reclaimable')";

/// The modes of a moment and core together; cores as their mean.
std::string busyCpu()
{
    return "WITH modes AS (SELECT " + kSubject + " AS subject, p.ts_ns, " + kCore
        + " AS core, sum(p.value) AS busy" + kPoints + "'system.cpu.utilization') AND " + kMode + " NOT IN "
        + kNotBusy
        + " GROUP BY 1, 2, 3), hosts AS (SELECT subject, ts_ns, avg(busy) AS busy FROM modes GROUP BY 1, 2)"
          " SELECT subject, avg(busy), max(busy), count(*), 'system.cpu.utilization' FROM hosts GROUP BY 1"
          " ORDER BY 3 DESC LIMIT 200";
}

/// Busy seconds of all seconds of counters by mode, over the whole time.
std::string busyCpuTime()
{
    return "WITH steps AS (SELECT " + kSubject + " AS subject, " + kMode
        + " AS mode, max(0, p.value - lag(p.value) OVER w) AS grown" + kPoints
        + "'system.cpu.time') WINDOW w AS (PARTITION BY s.id ORDER BY p.ts_ns)), sums AS (SELECT subject,"
          " sum(CASE WHEN mode NOT IN "
        + kNotBusy
        + " THEN grown END) * 1.0 / sum(grown) AS busy, count(*) AS n FROM steps"
          " WHERE grown IS NOT NULL AND mode <> '' GROUP BY subject HAVING sum(grown) > 0)"
          " SELECT subject, busy, busy, n, 'system.cpu.time' || ' utilization' FROM sums ORDER BY 2 DESC "
          "LIMIT 200";
}

/// Of pools of some kinds.
std::string pool(const std::string &kinds, const std::string &value, const std::string &what,
    const std::string &condition)
{
    return "SELECT coalesce(p.pool, 'pool') || coalesce(' · ' || p.instance, ''), avg(" + value + "), max("
        + value + "), count(*), '" + what
        + "' FROM pool_sample AS p WHERE p.ts_ns BETWEEN ?1 AND ?2 AND coalesce(p.kind,"
          " 'connection') IN ("
        + kinds + ") AND " + condition + " GROUP BY 1 ORDER BY 3 DESC LIMIT 200";
}

/// Increase of a counter of pools over the time; one that fell began anew and is counted from 0.
std::string poolCounter(const std::string &kinds, const std::string &column)
{
    return "WITH steps AS (SELECT coalesce(p.pool, 'pool') || coalesce(' · ' || p.instance, '') AS subject, "
           "p."
        + column + " AS value, lag(p." + column
        + ") OVER (PARTITION BY p.source_id, p.server_id, p.pool, p.instance ORDER BY p.ts_ns) AS before"
          " FROM pool_sample AS p WHERE p.ts_ns BETWEEN ?1 AND ?2 AND coalesce(p.kind, 'connection') IN ("
        + kinds + ") AND p." + column
        + " IS NOT NULL), sums AS (SELECT subject, sum(CASE WHEN value >= before THEN value - before ELSE "
          "value"
          " END) AS grown, count(*) AS n FROM steps WHERE before IS NOT NULL GROUP BY subject)"
          " SELECT subject, grown, grown, n, '"
        + column + "' FROM sums ORDER BY 2 DESC LIMIT 200";
}

std::vector<UseResource> makeResources()
{
    constexpr UseUnit share = UseUnit::Share, count = UseUnit::Count, perSecond = UseUnit::PerSecond;
    const std::string db = "'connection'", threads = "'thread', 'worker'";
    std::vector<UseResource> out;
    out.push_back({"cpu", "series", {"host", "host", ""},
        {{{busyCpu(), busyCpuTime(), gauge({"container.cpu.utilization", "process.cpu.utilization"}),
              rate({"container.cpu.time", "process.cpu.time"})}, // processors in use, no share
            {rate({"container.cpu.throttling.throttled_periods"}),
                gauge({"system.cpu.run_queue", "system.cpu.load_average.1m"}),
                rate({"system.pressure.cpu.waiting"}), gauge({"system.cpu.pressure"})},
            {}}},
        {share, count, count}});
    out.push_back({"memory", "series", {"host", "host", "host"},
        {{{gauge({"system.memory.utilization", "container.memory.utilization"}, kInUse),
              gauge({"container.memory.working_set", "container.memory.usage", "process.memory.usage",
                        "system.memory.usage"},
                  kInUse)},
            {gauge({"system.paging.in", "system.paging.out", "system.paging.faults.major"}),
                rate({"system.pressure.memory.waiting"}),
                gauge({"system.paging.utilization", "system.memory.pressure"})},
            {rate({"container.memory.oom_events", "system.memory.oom_kills"})}}},
        {share, perSecond, perSecond}});
    out.push_back({"disk", "series", {"host", "host", "host"},
        {{{gauge({"system.disk.utilization"}),
              rate({"system.disk.io_time"}, {}, "avg(speed), max(speed)"), // each disk is busy for itself

              gauge({"system.filesystem.utilization"})},
            {gauge({"system.disk.queue_length"}), gauge({"system.disk.wait", "system.processes.blocked"}),
                rate({"system.pressure.io.waiting"}), gauge({"system.io.pressure"})},
            {rate({"system.disk.errors"})}}},
        {share, count, perSecond}});
    out.push_back({"network", "series", {"host", "host", "host"},
        {{{gauge({"system.network.utilization"}), rate({"system.network.io"}),
              gauge({"system.network.receive", "system.network.transmit"})},
            {gauge({"system.network.dropped.receive", "system.network.dropped.transmit"}),
                rate({"system.network.dropped", "system.network.packet.dropped"})},
            {gauge({"system.network.errors.receive", "system.network.errors.transmit"}),
                rate({"system.network.errors"})}}},
        {UseUnit::Bytes, perSecond, perSecond}});
    out.push_back({"descriptors", "series", {"host", "", "log"},
        {{{gauge({"process.open_file_descriptor.utilization"}),
              gauge({"process.open_file_descriptor.count", "system.file_descriptors.used"})},
            {},
            {"SELECT 'log', count(*), count(*), count(*), 'too many open files' FROM log_entry AS e WHERE "
             "e.ts_ns"
             " BETWEEN ?1 AND ?2 AND e.sqlstate = '53000' HAVING count(*) > 0"}}},
        {count, count, count}});
    out.push_back({"pools", "pool", {"pool", "pool", "pool"},
        {{{pool(db, "p.active * 1.0 / p.capacity", "active / capacity",
              "p.capacity > 0 AND p.active IS NOT NULL")},
            {pool(db, "p.waiting", "waiting", "p.waiting IS NOT NULL")}, {poolCounter(db, "timeouts")}}},
        {share, count, count}});
    out.push_back({"threads", "pool", {"pool", "pool", "pool"},
        {{{pool(threads, "p.active * 1.0 / p.capacity", "active / capacity",
              "p.capacity > 0 AND p.active IS NOT NULL")},
            {pool(threads, "p.waiting", "waiting", "p.waiting IS NOT NULL")},
            {poolCounter(threads, "timeouts")}}},
        {share, count, count}});
    out.push_back({"connections", "series", {"sessions", "pool", "log"},
        {{{"SELECT coalesce(v.name, 'server'), avg(a.n * 1.0 / m.most), max(a.n * 1.0 / m.most), count(*), "
           "'sessions / max_connections'"
           " FROM (SELECT x.server_id, x.ts_ns, count(*) AS n FROM session_sample AS x WHERE x.ts_ns BETWEEN "
           "?1 AND ?2"
           " AND coalesce(x.backend_type, 'client backend') = 'client backend' GROUP BY 1, 2) AS a"
           " JOIN (SELECT t.server_id, max(CAST(t.setting AS REAL)) AS most FROM setting AS t WHERE t.name = "
           "'max_connections'"
           " GROUP BY 1) AS m ON m.server_id = a.server_id LEFT JOIN server AS v ON v.id = a.server_id GROUP "
           "BY 1",
              "SELECT coalesce(v.name, 'server'), avg(a.n), max(a.n), count(*), 'sessions' FROM (SELECT "
              "x.server_id, x.ts_ns,"
              " count(*) AS n FROM session_sample AS x WHERE x.ts_ns BETWEEN ?1 AND ?2 GROUP BY 1, 2) AS a"
              " LEFT JOIN server AS v ON v.id = a.server_id GROUP BY 1",
              gauge({"postgresql.backends", "postgresql.pg_stat_database.numbackends"})},
            {pool(db, "p.waiting", "clients waiting for a connection",
                "p.waiting IS NOT NULL AND p.server_id IS NOT NULL")},
            {"SELECT coalesce(v.name, 'server'), count(*), count(*), count(*), 'refused (53300)' FROM "
             "log_entry AS e"
             " LEFT JOIN server AS v ON v.id = e.server_id WHERE e.ts_ns BETWEEN ?1 AND ?2 AND e.sqlstate = "
             "'53300' GROUP BY 1"}}},
        {count, count, count}});
    out.push_back({"locks", "locks", {"", "locks", "log"},
        {{{},
            {"SELECT coalesce(v.name, 'server'), avg(l.waited_ms), max(l.waited_ms), count(*), 'waits for "
             "locks' FROM lock_edge AS l"
             " LEFT JOIN server AS v ON v.id = l.server_id WHERE l.ts_ns BETWEEN ?1 AND ?2 AND l.waited_ms "
             "IS NOT NULL GROUP BY 1"},
            {"SELECT coalesce(v.name, 'server'), count(*), count(*), count(*), 'deadlocks' FROM log_entry AS "
             "e"
             " LEFT JOIN server AS v ON v.id = e.server_id WHERE e.ts_ns BETWEEN ?1 AND ?2 AND e.kind = "
             "'deadlock' GROUP BY 1"}}},
        {count, UseUnit::Millis, count}});
    out.push_back({"replication", "replication", {"", "repl", "repl"},
        {{{},
            {"SELECT coalesce(r.replica, 'replica'), avg(r.replay_lag_ms), max(r.replay_lag_ms), count(*), "
             "'replay lag'"
             " FROM replica_sample AS r WHERE r.ts_ns BETWEEN ?1 AND ?2 AND r.replay_lag_ms IS NOT NULL "
             "GROUP BY 1"},
            {"SELECT coalesce(r.replica, 'replica'), sum(coalesce(r.state, 'streaming') <> 'streaming'),"
             " sum(coalesce(r.state, 'streaming') <> 'streaming'), count(*), 'samples not streaming' FROM "
             "replica_sample AS r"
             " WHERE r.ts_ns BETWEEN ?1 AND ?2 AND r.state IS NOT NULL GROUP BY 1"}}},
        {count, UseUnit::Millis, count}});
    out.push_back({"wal", "replication", {"repl", "repl", "repl"},
        {{{"SELECT coalesce(r.replica, 'replica'), avg(r.wal_rate), max(r.wal_rate), count(*), 'WAL written "
           "a second'"
           " FROM replica_sample AS r WHERE r.ts_ns BETWEEN ?1 AND ?2 AND r.wal_rate IS NOT NULL GROUP BY 1"},
            {"SELECT x.slot, avg(x.retained_bytes), max(x.retained_bytes), count(*), 'WAL kept for the slot' "
             "FROM slot_sample AS x"
             " WHERE x.ts_ns BETWEEN ?1 AND ?2 AND x.retained_bytes IS NOT NULL GROUP BY 1"},
            {"SELECT x.slot, sum(x.wal_status IN ('unreserved', 'lost')), sum(x.wal_status IN ('unreserved', "
             "'lost')), count(*),"
             " 'samples with WAL lost or unreserved' FROM slot_sample AS x WHERE x.ts_ns BETWEEN ?1 AND ?2 "
             "AND x.wal_status"
             " IS NOT NULL GROUP BY 1"}}},
        {UseUnit::Bytes, UseUnit::Bytes, count}});
    out.push_back({"queues", "queue", {"", "queue", ""},
        {{{},
            {"SELECT q.queue, avg(q.depth), max(q.depth), count(*), 'depth' FROM queue_sample AS q WHERE "
             "q.ts_ns BETWEEN ?1 AND ?2"
             " AND q.depth IS NOT NULL GROUP BY 1"},
            {}}},
        {count, count, count}});
    out.push_back({"pauses", "series", {"gc", "gc", ""},
        {{{"SELECT coalesce(x.instance, 'process'), sum(x.duration_ns) * 1.0 / max(1, max(x.ts_ns + "
           "x.duration_ns) - min(x.ts_ns)),"
           " sum(x.duration_ns) * 1.0 / max(1, max(x.ts_ns + x.duration_ns) - min(x.ts_ns)), count(*), 'time "
           "in pauses' FROM pause AS x"
           " WHERE x.ts_ns BETWEEN ?1 AND ?2 GROUP BY 1 HAVING count(*) > 1"},
            {"SELECT coalesce(x.instance, 'process'), avg(x.duration_ns) / 1e6, max(x.duration_ns) / 1e6, "
             "count(*), 'length of a pause'"
             " FROM pause AS x WHERE x.ts_ns BETWEEN ?1 AND ?2 GROUP BY 1"},
            {}}},
        {share, UseUnit::Millis, count}});
    return out;
}

/// Share only where it can be one: metrics that are counted in bytes or pieces keep what they are.
UseUnit unitOf(const UseResource &resource, std::size_t aspect, std::size_t query, const std::string &what)
{
    const auto has = [&](const char *word) { return what.find(word) != std::string::npos; };
    if (has("utilization") || has("ratio") || has("/ max_connections") || has("/ capacity") || has("io_time")
        || has("pressure"))
        return UseUnit::Share;
    if (has("memory.usage") || has("working_set"))
        return UseUnit::Bytes;
    if (has("throttled_periods"))
        return UseUnit::PerSecond;
    return query == 0 || resource.unit[aspect] != UseUnit::Share ? resource.unit[aspect] : UseUnit::Count;
}

} // namespace

const std::vector<UseResource> &useResources()
{
    static const std::vector<UseResource> list = makeResources();
    return list;
}

Result<std::vector<UseRow>> useTable(const store::Workspace &workspace, const std::optional<TimeRange> &range,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const TimeRange all = range ? TimeRange{range->begin, range->end - 1} : TimeRange{INT64_MIN, INT64_MAX};
    std::vector<UseRow> rows;
    for (const UseResource &resource : useResources()) {
        std::map<std::string, UseRow> subjects;
        for (std::size_t aspect = 0; aspect < 3; ++aspect) {
            bool found = false;
            for (std::size_t i = 0; i < resource.sql[aspect].size() && !found; ++i) {
                Result<store::Statement> query = reader->prepare(resource.sql[aspect][i]);
                if (!query)
                    return fail(query.error());
                query->bind(0, all.begin);
                query->bind(1, all.end);
                for (;;) {
                    const Result<bool> row = query->step();
                    if (!row)
                        return fail(row.error());
                    if (!*row || (subjects.size() >= kMaxSubjects && !found))
                        break;
                    if (query->isNull(2) || query->integer(3) == 0)
                        continue;
                    found = true;
                    const std::string subject(query->text(0)), what(query->text(4));
                    UseRow &target = subjects[subject];
                    target.resource = resource.id;
                    target.subject = subject;
                    target.figures[aspect] = UseFigure{query->real(1), query->real(2), query->integer(3),
                        unitOf(resource, aspect, i, what), what};
                }
                if (progress.isCancelled())
                    return fail(ErrorCode::Cancelled, "resources", "cancelled");
            }
        }
        if (subjects.empty())
            rows.push_back({resource.id, {}, {}});
        for (auto &[name, row] : subjects)
            rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace tailscope::items
