// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps vacuum from removing old row versions: sessions, prepared transactions, slots, standbys.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// Of sessions only the oldest: the horizon is theirs. A walsender's is its standby's, told there.
std::string xminSql(const ServerFacts &facts)
{
    const std::string notSender = " AND a.backend_type IS DISTINCT FROM 'walsender'"
        + std::string(isSince(facts, 13) ? " AND a.leader_pid IS NULL" : "");
    return selectOf("xmin", "xmin_holders")
        + "h.holder, h.holder_name, h.pid, h.datname, h.usename, h.xmin_age, h.xid_age, h.since, h.detail "
          "FROM ("
          "(SELECT 'session'::text AS holder, a.application_name AS holder_name, a.pid, a.datname::text, "
          "a.usename::text, age(a.backend_xmin) AS xmin_age, age(a.backend_xid) AS xid_age, "
          "a.xact_start AS since, a.state AS detail FROM pg_stat_activity AS a "
          "WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AND "
        + std::string(kNotOurs) + notSender
        + " ORDER BY greatest(age(a.backend_xmin), age(a.backend_xid)) DESC LIMIT 50) UNION ALL "
          "SELECT 'prepared', p.gid, NULL, p.database::text, p.owner::text, age(p.transaction), "
          "age(p.transaction), p.prepared, 'prepared transaction' FROM pg_prepared_xacts AS p UNION ALL "
          "SELECT 'slot', s.slot_name::text, s.active_pid, s.database::text, NULL, "
          "greatest(age(s.xmin), age(s.catalog_xmin)), NULL, NULL, s.slot_type FROM pg_replication_slots AS "
          "s "
          "WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL UNION ALL "
          "SELECT 'standby', r.application_name, r.pid, NULL, r.usename::text, age(r.backend_xmin), NULL, "
          "r.backend_start, r.state FROM pg_stat_replication AS r WHERE r.backend_xmin IS NOT NULL) AS h";
}

} // namespace

const Probe kXminProbe{
    .id = "xmin",
    .title = "Holders of the xmin horizon",
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 20ms,
    .privilege = "pg_monitor; without it other users' sessions and standbys are hidden",
    .sql = xminSql,
};

} // namespace tailscope::live
