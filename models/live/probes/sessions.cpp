// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Who is connected and does what, who waits for whom.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kManySessions = 1000;

/// Texts are cut: track_activity_query_size may be a megabyte.
std::string sessionsSql(const ServerFacts &facts)
{
    return selectOf("sessions", "pg_stat_activity")
        + columnList(facts,
            {{"a.pid"}, {"a.leader_pid", 13}, {"a.datname"}, {"a.usename"}, {"a.application_name"},
                {"a.client_addr"}, {"a.backend_type"}, {"a.state"}, {"a.wait_event_type"}, {"a.wait_event"},
                {"a.backend_start"}, {"a.xact_start"}, {"a.query_start"}, {"a.state_change"},
                {"age(a.backend_xmin) AS backend_xmin_age"}, {"age(a.backend_xid) AS backend_xid_age"},
                {"a.query_id", 14}, {"left(a.query, 8192) AS query"}})
        + " FROM pg_stat_activity AS a WHERE " + std::string(kNotOurs);
}

std::chrono::milliseconds sessionsInterval(const ServerFacts &, const ProbeState &state)
{
    return state.sessions > kManySessions ? 5000ms : 1000ms;
}

/// The function of who blocks takes the locks of the lock manager: it is called once for each waiter, at most
/// for the 200 that have waited longest. What the blocker holds is the lock on the same thing; a blocker that
/// only stands before in the queue holds none.
std::string locksSql(const ServerFacts &facts)
{
    const bool hasLeader = isSince(facts, 13), hasStart = isSince(facts, 14);
    return "WITH w AS (SELECT a.pid, " + std::string(hasLeader ? "coalesce(a.leader_pid, a.pid)" : "a.pid")
        + " AS blocked_pid, pg_blocking_pids(a.pid) AS blockers FROM (SELECT * FROM pg_stat_activity"
          " WHERE wait_event_type = 'Lock' ORDER BY state_change LIMIT 200) AS a WHERE "
        + std::string(kNotOurs)
        + "), l AS (SELECT * FROM pg_locks), e AS (SELECT w.pid, w.blocked_pid, unnest(w.blockers)"
          " AS blocker_pid FROM w) "
          "SELECT DISTINCT ON (e.blocked_pid, e.blocker_pid) /* tailscope:locks */ 'pg_locks' AS "
          "catalog_view, "
          "now() AS ts, e.blocked_pid, e.blocker_pid, l.locktype, l.mode, "
        + (hasStart ? "l.waitstart, " : "")
        // A row is waited for by its transaction; which table it is in says the lock on the row.
        + "CASE WHEN coalesce(l.database, t.database) = (SELECT d.oid FROM pg_database AS d"
          " WHERE d.datname = current_database()) THEN coalesce(l.relation, t.relation)::regclass::text END "
          "AS relation, g.mode AS granted_mode "
          "FROM e LEFT JOIN l ON l.pid = e.pid AND NOT l.granted "
          "LEFT JOIN l AS t ON t.pid = e.pid AND t.granted AND t.locktype = 'tuple' "
          "LEFT JOIN l AS g ON g.pid = e.blocker_pid AND g.granted AND g.locktype = l.locktype "
          "AND g.database IS NOT DISTINCT FROM l.database AND g.relation IS NOT DISTINCT FROM l.relation "
          "AND g.page IS NOT DISTINCT FROM l.page AND g.tuple IS NOT DISTINCT FROM l.tuple "
          "AND g.virtualxid IS NOT DISTINCT FROM l.virtualxid "
          "AND g.transactionid IS NOT DISTINCT FROM l.transactionid "
          "AND g.classid IS NOT DISTINCT FROM l.classid AND g.objid IS NOT DISTINCT FROM l.objid "
          "AND g.objsubid IS NOT DISTINCT FROM l.objsubid "
          "WHERE e.blocker_pid <> e.blocked_pid ORDER BY e.blocked_pid, e.blocker_pid, "
          // of several the strongest
          "array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', "
          "'ShareLock', "
          "'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'], g.mode)";
}

bool someoneWaits(const ServerFacts &, const ProbeState &state) { return state.hasLockWaiters; }

/// Counts since statistics were reset, of all processes together; differences are the mapper's business.
std::string waitsSql(const ServerFacts &facts)
{
    return selectOf("waits", "pg_wait_sampling_profile")
        + "p.event_type, p.event, nullif(p.queryid, 0) AS queryid, sum(p.count)::bigint AS count, "
          "current_setting('pg_wait_sampling.profile_period')::float8 AS interval_ms FROM "
        + extensionObject(facts, "pg_wait_sampling", "pg_wait_sampling_profile")
        + " AS p WHERE p.event_type IS DISTINCT FROM 'Activity' GROUP BY p.event_type, p.event, p.queryid";
}

} // namespace

const Probe kSessionsProbe{
    .id = "sessions",
    .title = "Sessions",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 20ms,
    .privilege = "pg_monitor; without it state, waits, times and query of other users' sessions are hidden",
    .sql = sessionsSql,
    .engines = Engines::Forks,
    .intervalFor = sessionsInterval,
};
const Probe kLocksProbe{
    .id = "locks",
    .title = "Locks",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 50ms,
    .privilege = "pg_monitor; without it nobody is seen to wait",
    .sql = locksSql,
    .isWanted = someoneWaits,
};
const Probe kWaitsProbe{
    .id = "waits",
    .title = "Waits by pg_wait_sampling",
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 20ms,
    .extension = "pg_wait_sampling",
    .privilege = "none",
    .sql = waitsSql,
};

} // namespace tailscope::live
