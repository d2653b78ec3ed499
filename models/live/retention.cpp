// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/retention.h"

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::live {

namespace {

using Clock = std::chrono::steady_clock;

/// Tables that are thinned, by ts_ns and source_id; series points go by their series.
constexpr std::array<std::string_view, 11> kTables{"session_sample_raw", "statement_sample_raw",
    "lock_edge_raw", "wait_sample_raw", "xmin_holder_raw", "replica_sample_raw", "slot_sample_raw",
    "pool_sample_raw", "table_sample_raw", "index_sample_raw", "progress_sample_raw"};

// In all of these: ?1 = source, ?2 <= ts_ns < ?3.

/// Idle sessions are stored when they change: only the others are a sample each. The moments are counted once
/// a server: per group it would be a walk over the minute each time.
constexpr std::string_view kSumSessions
    = "WITH m AS MATERIALIZED (SELECT server_id, count(DISTINCT ts_ns) AS moments FROM session_sample_raw"
      " WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1 GROUP BY server_id)"
      " INSERT INTO session_minute_raw (source_id, server_id, ts_ns, state_id, wait_event_type_id, "
      "wait_event_id, backend_type_id, db_id, user_id, application_id, query_id, statement_id, samples, "
      "moments)"
      " SELECT ?1, x.server_id, ?2, x.state_id, x.wait_event_type_id, x.wait_event_id, x.backend_type_id, "
      "x.db_id, x.user_id, x.application_id, x.query_id, x.statement_id, count(*), "
      "(SELECT m.moments FROM m WHERE m.server_id IS x.server_id)"
      " FROM session_sample_raw AS x WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1"
      " AND ifnull((SELECT text FROM string WHERE id = x.state_id), x.state_id) IS NOT 'idle'"
      " GROUP BY x.server_id, x.state_id, x.wait_event_type_id, x.wait_event_id, x.backend_type_id, "
      "x.db_id, x.user_id, x.application_id, x.query_id, x.statement_id";
/// A minute in which nobody did anything is one all the same.
constexpr std::string_view kSumQuiet
    = "INSERT INTO session_minute_raw (source_id, server_id, ts_ns, samples, moments)"
      " SELECT ?1, x.server_id, ?2, 0, count(DISTINCT x.ts_ns) FROM session_sample_raw AS x"
      " WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1 AND NOT EXISTS (SELECT 1 FROM "
      "session_minute_raw AS m WHERE m.ts_ns = ?2 AND m.source_id = ?1 AND m.server_id IS x.server_id)"
      " GROUP BY x.server_id";
constexpr std::string_view kDropSessions
    = "DELETE FROM session_sample_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1";

/// The last row of each life of each entry. The first answer of a server stays whole: what appears after it
/// is taken to have begun then.
/// When that was is looked up once a server: per row it would be a walk over all that other sources stored
/// before.
constexpr std::string_view kThinStatements
    = "DELETE FROM statement_sample_raw WHERE id IN (WITH f AS MATERIALIZED (SELECT v.server_id, (SELECT "
      "e.ts_ns FROM statement_sample_raw AS e WHERE e.ts_ns IS NOT NULL AND e.source_id = ?1"
      " AND e.server_id IS v.server_id ORDER BY e.ts_ns LIMIT 1) AS first_ns FROM (SELECT DISTINCT server_id"
      " FROM statement_sample_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1) AS v)"
      " SELECT y.id FROM (SELECT x.id, x.ts_ns, x.server_id,"
      " row_number() OVER (PARTITION BY x.server_id, x.statement_id, x.db_id, x.user_id, x.epoch,"
      " json_extract(x.extra, '$.queryid'), json_extract(x.extra, '$.toplevel'),"
      " json_extract(x.extra, '$.stats_since') ORDER BY x.ts_ns DESC, x.id DESC) AS place"
      " FROM statement_sample_raw AS x WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1) AS y"
      " JOIN f ON f.server_id IS y.server_id WHERE y.place > 1 AND f.first_ns < y.ts_ns)";

/// Gauges: smallest, largest, last. Counters: last, and both sides of a fall.
constexpr std::string_view kThinPoints
    = "DELETE FROM point_raw WHERE id IN (SELECT id FROM (SELECT p.id, p.ts_ns, s.kind,"
      " row_number() OVER (PARTITION BY p.series_id, p.ts_ns >= ?2 ORDER BY p.ts_ns DESC, p.id DESC) AS last,"
      " row_number() OVER (PARTITION BY p.series_id, p.ts_ns >= ?2 ORDER BY p.value, p.ts_ns) AS smallest,"
      " row_number() OVER (PARTITION BY p.series_id, p.ts_ns >= ?2 ORDER BY p.value DESC, p.ts_ns) AS "
      "largest,"
      " lag(p.value) OVER w > p.value AS fell, lead(p.value) OVER w < p.value AS falls"
      " FROM series_raw AS s JOIN point_raw AS p ON p.series_id = s.id AND p.ts_ns >= ?2 - 60000000000"
      " AND p.ts_ns < ?3 WHERE s.source_id = ?1 WINDOW w AS (PARTITION BY p.series_id ORDER BY p.ts_ns, "
      "p.id))"
      " WHERE ts_ns >= ?2 AND last > 1 AND CASE WHEN kind = 1 THEN fell IS NOT 1 AND falls IS NOT 1"
      " ELSE smallest > 1 AND largest > 1 END)";

/// pg_wait_sampling: counts of the time since the row before add up.
constexpr std::array<std::string_view, 2> kSumWaits{
    // One time for all: groups that were read last at different times would cut the minute into pieces.
    "UPDATE wait_sample_raw AS w SET ts_ns = (SELECT max(x.ts_ns) FROM wait_sample_raw AS x"
    " WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1 AND x.server_id IS w.server_id"
    " AND x.origin IS w.origin), samples = (SELECT sum(x.samples) FROM wait_sample_raw AS x"
    " WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1 AND x.server_id IS w.server_id"
    " AND x.origin IS w.origin AND x.wait_event_type_id IS w.wait_event_type_id"
    " AND x.wait_event_id IS w.wait_event_id AND x.query_id IS w.query_id"
    " AND x.statement_id IS w.statement_id AND x.backend_type_id IS w.backend_type_id)"
    " WHERE w.id IN (SELECT max(id) FROM wait_sample_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1"
    " GROUP BY server_id, origin, wait_event_type_id, wait_event_id, query_id, statement_id, "
    "backend_type_id)",
    "DELETE FROM wait_sample_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1 AND id NOT IN (SELECT "
    "max(id) FROM wait_sample_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1"
    " GROUP BY server_id, origin, wait_event_type_id, wait_event_id, query_id, statement_id, "
    "backend_type_id)"};

/// Who waits for whom is a graph: whole samples are kept, that with most waits and the last of a minute.
constexpr std::string_view kThinLocks
    = "DELETE FROM lock_edge_raw WHERE id IN (SELECT e.id FROM (SELECT x.server_id, x.ts_ns,"
      " row_number() OVER (PARTITION BY x.server_id ORDER BY count(*) DESC, max(ifnull(x.waited_ms, 0)) DESC,"
      " x.ts_ns) AS most, row_number() OVER (PARTITION BY x.server_id ORDER BY x.ts_ns DESC) AS last"
      " FROM lock_edge_raw AS x WHERE x.ts_ns >= ?2 AND x.ts_ns < ?3 AND x.source_id = ?1"
      " GROUP BY x.server_id, x.ts_ns) AS m JOIN lock_edge_raw AS e ON e.ts_ns = m.ts_ns"
      " AND e.server_id IS m.server_id AND e.source_id = ?1 WHERE m.most > 1 AND m.last > 1)";

/// Of each thing the worst and the last row of a minute.
struct Thin
{
    std::string_view table, thing;
    std::string_view worst; ///< ORDER BY of the worst first; empty = the last row says it all
};
constexpr std::array kThin{
    Thin{"xmin_holder_raw", "server_id, kind, name, pid",
        "max(ifnull(xmin_age, 0), ifnull(xid_age, 0)) DESC"},
    Thin{"replica_sample_raw", "server_id, replica_id",
        "ifnull(unsent_bytes, 0) + ifnull(unwritten_bytes, 0) + ifnull(unflushed_bytes, 0) + "
        "ifnull(unreplayed_bytes, 0) DESC, ifnull(replay_lag_ms, 0) DESC, ifnull(link_age_ms, 0) DESC"},
    Thin{"slot_sample_raw", "server_id, slot_id", "retained_bytes DESC"},
    Thin{"pool_sample_raw", "server_id, pool_id, instance_id",
        "ifnull(waiting, 0) DESC, ifnull(max_wait_ms, 0) DESC, ifnull(active, 0) DESC"},
    Thin{"table_sample_raw",
        "server_id, relid, dbname_id, heap_blks_hit IS NULL, table_bytes IS NULL, bloat_bytes IS NULL", ""},
    Thin{"index_sample_raw",
        "server_id, indexrelid, dbname_id, idx_blks_hit IS NULL, index_bytes IS NULL, bloat_bytes IS NULL",
        ""},
    Thin{"progress_sample_raw", "server_id, command, pid, phase", ""},
};

std::string thinSql(const Thin &thin)
{
    const std::string of = "(PARTITION BY " + std::string(thin.thing) + " ORDER BY ";
    const std::string table(thin.table);
    return "DELETE FROM " + table + " WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER " + of
        + "ts_ns DESC, id DESC) AS last, "
        + (thin.worst.empty() ? std::string("2")
                              : "row_number() OVER " + of + std::string(thin.worst) + ", ts_ns)")
        + " AS worst FROM " + table
        + " WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1) WHERE last > 1 AND worst > 1)";
}

/// Of each entry the newest row before ?3 becomes its state at ?3, what is older goes. Once an hour those
/// go too that the server has thrown out: who is there has a row at each keyframe, so one without any in the
/// hour after, in which the server was looked at for two keyframes, is gone. One row of each server stays:
/// what is new after it is taken to have begun then.
constexpr std::array<std::string_view, 3> kDropStatements{
    "DELETE FROM statement_sample_raw WHERE id IN (SELECT id FROM (SELECT x.id,"
    " row_number() OVER (PARTITION BY x.server_id, x.statement_id, x.db_id, x.user_id,"
    " json_extract(x.extra, '$.queryid'), json_extract(x.extra, '$.toplevel')"
    " ORDER BY x.ts_ns DESC, x.id DESC) AS place FROM statement_sample_raw AS x"
    " WHERE x.ts_ns <= ?3 AND x.source_id = ?1 AND ?2 < ?3) WHERE place > 1)",
    "UPDATE statement_sample_raw SET ts_ns = ?3 WHERE ts_ns < ?3 AND source_id = ?1 AND ?2 < ?3",
    "DELETE FROM statement_sample_raw WHERE id IN (WITH later AS MATERIALIZED (SELECT server_id, ts_ns,"
    " json_array(server_id, statement_id, db_id, user_id, json_extract(extra, '$.queryid'),"
    " json_extract(extra, '$.toplevel')) AS entry FROM statement_sample_raw WHERE ts_ns > ?3"
    " AND ts_ns <= ?3 + 3600000000000 AND source_id = ?1 AND ?2 / 3600000000000 < ?3 / 3600000000000),"
    " sampled AS MATERIALIZED (SELECT l.server_id, (SELECT max(k.id) FROM statement_sample_raw AS k"
    " WHERE k.ts_ns = ?3 AND k.source_id = ?1 AND k.server_id IS l.server_id) AS kept FROM later AS l"
    " GROUP BY l.server_id HAVING max(l.ts_ns) - min(l.ts_ns) >= 600000000000)"
    " SELECT x.id FROM sampled AS v CROSS JOIN statement_sample_raw AS x WHERE x.ts_ns = ?3"
    " AND x.source_id = ?1 AND x.server_id IS v.server_id AND x.id <> v.kept"
    " AND json_array(x.server_id, x.statement_id, x.db_id, x.user_id, json_extract(x.extra, '$.queryid'),"
    " json_extract(x.extra, '$.toplevel')) NOT IN (SELECT entry FROM later))"};

constexpr std::string_view kDropPoints
    = "DELETE FROM point_raw WHERE id IN (SELECT p.id FROM series_raw AS s JOIN point_raw AS p"
      " ON p.series_id = s.id AND p.ts_ns >= ?2 AND p.ts_ns < ?3 WHERE s.source_id = ?1)";

Nanos floorMinute(Nanos ns) { return ns - ns % Retention::kMinute; }

} // namespace

Retention::Retention(const store::Workspace &workspace, std::int64_t sourceId, std::chrono::seconds keepRaw,
    std::chrono::seconds keepMinutes)
    : m_workspace(workspace)
    , m_source(sourceId)
    , m_keepRaw(Nanos{keepRaw.count()} * kNanosPerSecond)
    , m_keepMinutes(Nanos{keepMinutes.count()} * kNanosPerSecond)
{}

Result<std::int64_t> Retention::run(Nanos now)
{
    if (m_keepRaw <= 0)
        return 0;
    Result<store::Database> database = m_workspace.connectWriter();
    if (!database)
        return fail(database.error());
    TS_TRY(readMarks(*database));
    const std::int64_t before = m_removed;
    const Clock::time_point end = Clock::now() + kBudget;
    const auto inOne = [&](const auto &work) -> Result<void> {
        TS_TRY(database->begin());
        Result<void> done = work();
        if (done)
            done = saveMarks(*database);
        if (!done) {
            database->rollback();
            return done;
        }
        return database->commit();
    };
    const Nanos rawUntil = floorMinute(now - m_keepRaw);
    while (Clock::now() < end) {
        // Minutes without samples are leapt over.
        const Result<std::optional<Nanos>> first = firstSample(*database, m_rolledUntil.value_or(0));
        if (!first)
            return fail(first.error());
        if (!*first || floorMinute(**first) >= rawUntil)
            break;
        const Nanos minute = floorMinute(**first);
        TS_TRY(inOne([&] {
            m_rolledUntil = minute + kMinute;
            return rollUp(*database, minute);
        }));
    }
    const Nanos minutesUntil = m_keepMinutes <= 0 ? 0 : floorMinute(now - m_keepMinutes);
    if (m_rolledUntil && minutesUntil > m_removedUntil.value_or(0)) {
        const Nanos until = std::min(minutesUntil, *m_rolledUntil);
        // An hour at a time: of minutes there are few rows.
        Nanos from = m_removedUntil.value_or(0);
        if (from == 0) {
            const Result<std::optional<Nanos>> first = firstSample(*database, 0);
            if (!first)
                return fail(first.error());
            from = first->value_or(until);
        }
        while (from < until && Clock::now() < end) {
            const Nanos next = std::min(until, floorMinute(from) + 60 * kMinute);
            TS_TRY(inOne([&] {
                m_removedUntil = next;
                return remove(*database, from, next);
            }));
            from = next;
        }
    }
    return m_removed - before;
}

Result<void> Retention::readMarks(store::Database &database)
{
    Result<store::Statement> query = database.prepare("SELECT rolled_until_ns, removed_until_ns, rows_removed"
                                                      " FROM recording_retention WHERE source_id = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, m_source);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    if (*row) {
        m_rolledUntil = query->optionalInteger(0);
        m_removedUntil = query->optionalInteger(1);
        m_removed = query->integer(2);
    }
    return {};
}

/// Of the tables and of the points, where the recording goes on from a time.
Result<std::optional<Nanos>> Retention::firstSample(store::Database &database, Nanos from)
{
    std::string sql
        = "SELECT min(ts) FROM (SELECT min(p.ts_ns) AS ts FROM series_raw AS s JOIN point_raw AS p "
          "ON p.series_id = s.id AND p.ts_ns >= ?2 WHERE s.source_id = ?1";
    for (const std::string_view table : kTables)
        sql += " UNION ALL SELECT * FROM (SELECT ts_ns FROM " + std::string(table)
            + " WHERE ts_ns >= ?2 AND source_id = ?1 ORDER BY ts_ns LIMIT 1)";
    Result<store::Statement> query = database.prepare(sql + ")");
    if (!query)
        return fail(query.error());
    query->bind(0, m_source);
    query->bind(1, from);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return *row ? query->optionalInteger(0) : std::nullopt;
}

Result<void> Retention::bound(store::Database &database, std::string_view sql, Nanos from, Nanos until)
{
    Result<store::Statement> statement = database.prepare(sql);
    if (!statement)
        return fail(statement.error());
    statement->bind(0, m_source);
    statement->bind(1, from);
    statement->bind(2, until);
    TS_TRY(statement->run());
    if (sql.starts_with("DELETE"))
        m_removed += database.changes();
    return {};
}

Result<void> Retention::rollUp(store::Database &database, Nanos minute)
{
    const Nanos end = minute + kMinute;
    for (const std::string_view sql : {kSumSessions, kSumQuiet, kDropSessions, kThinStatements, kThinPoints,
             kThinLocks, kSumWaits[0], kSumWaits[1]})
        TS_TRY(bound(database, sql, minute, end));
    for (const Thin &thin : kThin)
        TS_TRY(bound(database, thinSql(thin), minute, end));
    return {};
}

Result<void> Retention::remove(store::Database &database, Nanos from, Nanos until)
{
    for (const std::string_view sql : kDropStatements)
        TS_TRY(bound(database, sql, from, until));
    TS_TRY(bound(database, kDropPoints, from, until));
    TS_TRY(bound(database,
        "DELETE FROM session_minute_raw WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1", from, until));
    for (const std::string_view table : kTables) {
        if (table != "statement_sample_raw")
            TS_TRY(bound(database,
                "DELETE FROM " + std::string(table) + " WHERE ts_ns >= ?2 AND ts_ns < ?3 AND source_id = ?1",
                from, until));
    }
    return {};
}

Result<void> Retention::saveMarks(store::Database &database)
{
    Result<store::Statement> save = database.prepare(
        "INSERT INTO recording_retention (source_id, rolled_until_ns, removed_until_ns, rows_removed) VALUES"
        " (?1, ?2, ?3, ?4) ON CONFLICT (source_id) DO UPDATE SET rolled_until_ns = excluded.rolled_until_ns,"
        " removed_until_ns = excluded.removed_until_ns, rows_removed = excluded.rows_removed");
    if (!save)
        return fail(save.error());
    save->bind(0, m_source);
    save->bindNanos(1, m_rolledUntil.value_or(kUnknownNanos));
    save->bindNanos(2, m_removedUntil.value_or(kUnknownNanos));
    save->bind(3, m_removed);
    return save->run();
}

} // namespace tailscope::live
