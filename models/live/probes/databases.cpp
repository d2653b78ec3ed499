// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Databases: throughput, sizes, age; I/O by kind of process.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// Templates do nothing; the row without a name is the shared objects' (12).
std::string databasesSql(const ServerFacts &facts)
{
    return selectOf("databases", "pg_stat_database")
        + columnList(facts,
            {{"s.datname"}, {"s.numbackends"}, {"s.xact_commit"}, {"s.xact_rollback"}, {"s.blks_read"},
                {"s.blks_hit"}, {"s.tup_returned"}, {"s.tup_fetched"}, {"s.tup_inserted"}, {"s.tup_updated"},
                {"s.tup_deleted"}, {"s.conflicts"}, {"s.temp_files"}, {"s.temp_bytes"}, {"s.deadlocks"},
                {"s.checksum_failures", 12}, {"s.blk_read_time"}, {"s.blk_write_time"},
                {"s.session_time", 14}, {"s.active_time", 14}, {"s.idle_in_transaction_time", 14},
                {"s.sessions", 14}, {"s.sessions_abandoned", 14}, {"s.sessions_fatal", 14},
                {"s.sessions_killed", 14}, {"s.parallel_workers_to_launch", 18},
                {"s.parallel_workers_launched", 18}, {"s.stats_reset"}})
        + " FROM pg_stat_database AS s WHERE s.datname IS NULL OR s.datname NOT IN ('template0', "
          "'template1')";
}

/// The size of a database that the role may not enter is an error.
std::string databaseSizesSql(const ServerFacts &)
{
    return selectOf("database_sizes", "pg_database")
        + "d.datname, age(d.datfrozenxid) AS datfrozenxid_age, mxid_age(d.datminmxid) AS datminmxid_age, "
          "CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') OR has_database_privilege(d.oid, 'CONNECT') "
          "THEN pg_database_size(d.oid) END AS database_bytes FROM pg_database AS d "
          "WHERE d.datallowconn";
}

std::string ioSql(const ServerFacts &facts)
{
    return selectOf("io", "pg_stat_io")
        + columnList(facts,
            {{"s.backend_type", 16}, {"s.object", 16}, {"s.context", 16}, {"s.reads", 16},
                {"s.read_bytes", 18}, {"s.read_time", 16}, {"s.writes", 16}, {"s.write_bytes", 18},
                {"s.write_time", 16}, {"s.writebacks", 16}, {"s.extends", 16}, {"s.hits", 16},
                {"s.evictions", 16}, {"s.reuses", 16}, {"s.fsyncs", 16}, {"s.fsync_time", 16}})
        + " FROM pg_stat_io AS s WHERE s.reads > 0 OR s.writes > 0 OR s.extends > 0 OR s.hits > 0 "
          "OR s.fsyncs > 0";
}

} // namespace

const Probe kDatabasesProbe{
    .id = "databases",
    .title = "Databases",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 10ms,
    .privilege = "none",
    .sql = databasesSql,
    .engines = Engines::Forks,
    .key = "datname",
    .unwatched = "ts",
};
const Probe kDatabaseSizesProbe{
    .id = "database_sizes",
    .title = "Sizes and ages of databases",
    .mapping = Mapping::Catalog,
    .interval = 60'000ms,
    .budget = 500ms,
    .privilege = "pg_monitor, or CONNECT on the database; without it the size is unknown",
    .sql = databaseSizesSql,
};
const Probe kIoProbe{
    .id = "io",
    .title = "I/O by kind of process",
    .minimumVersion = 160000,
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 10ms,
    .privilege = "none",
    .sql = ioSql,
    .key = "backend_type object context",
    .unwatched = "ts",
};

} // namespace tailscope::live
