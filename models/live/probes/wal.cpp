// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// WAL, checkpoints, archiver.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// A standby writes none; it may be promoted between two runs.
constexpr std::string_view kPosition = "CASE WHEN NOT pg_is_in_recovery() THEN "
                                       "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END AS wal_position";

std::string walSql(const ServerFacts &facts)
{
    const std::string columns = columnList(facts,
        {{kPosition}, {"w.wal_records", 14}, {"w.wal_fpi", 14}, {"w.wal_bytes", 14},
            {"w.wal_buffers_full", 14}, {"w.wal_write", 14, 17}, {"w.wal_sync", 14, 17},
            {"w.wal_write_time", 14, 17}, {"w.wal_sync_time", 14, 17}});
    return selectOf("wal", isSince(facts, 14) ? "pg_stat_wal" : "pg_current_wal_lsn") + columns
        + (isSince(facts, 14) ? " FROM pg_stat_wal AS w" : "");
}

/// Checkpoints have a view of their own from 17; both come in one row.
std::string checkpointsSql(const ServerFacts &facts)
{
    return selectOf("checkpoints", "pg_stat_bgwriter")
        + columnList(facts,
            {{"b.checkpoints_timed", 10, 16}, {"b.checkpoints_req", 10, 16},
                {"b.checkpoint_write_time", 10, 16}, {"b.checkpoint_sync_time", 10, 16},
                {"b.buffers_checkpoint", 10, 16}, {"b.buffers_clean"}, {"b.maxwritten_clean"},
                {"b.buffers_backend", 10, 16}, {"b.buffers_backend_fsync", 10, 16}, {"b.buffers_alloc"},
                {"c.num_timed", 17}, {"c.num_requested", 17}, {"c.num_done", 18},
                {"c.restartpoints_timed", 17}, {"c.restartpoints_req", 17}, {"c.restartpoints_done", 17},
                {"c.write_time", 17}, {"c.sync_time", 17}, {"c.buffers_written", 17}, {"c.slru_written", 18},
                {"b.stats_reset"}})
        + " FROM pg_stat_bgwriter AS b" + (isSince(facts, 17) ? ", pg_stat_checkpointer AS c" : "");
}

/// How many files wait is known to pg_monitor only, and only where files are archived.
std::string archiverSql(const ServerFacts &facts)
{
    const bool countsReady = facts.hasMonitor && isSince(facts, 12);
    return selectOf("archiver", "pg_stat_archiver")
        + "s.archived_count, s.failed_count, "
          "extract(epoch FROM now() - s.last_archived_time) AS last_archived_age, "
          "extract(epoch FROM now() - s.last_failed_time) AS last_failed_age, "
        + (countsReady ? "CASE WHEN current_setting('archive_mode') <> 'off' THEN (SELECT count(*) "
                         "FROM pg_ls_archive_statusdir() AS f WHERE f.name LIKE '%.ready') END"
                       : "NULL::bigint")
        + " AS ready_count FROM pg_stat_archiver AS s";
}

} // namespace

const Probe kWalProbe{
    .id = "wal",
    .title = "WAL",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = "none",
    .sql = walSql,
    .key = "catalog_view",
    .unwatched = "ts",
};
const Probe kCheckpointsProbe{
    .id = "checkpoints",
    .title = "Checkpoints and background writer",
    .mapping = Mapping::Catalog,
    .interval = 5000ms,
    .budget = 5ms,
    .privilege = "none",
    .sql = checkpointsSql,
    .key = "catalog_view",
    .unwatched = "ts",
};
const Probe kArchiverProbe{
    .id = "archiver",
    .title = "Archiver",
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 20ms,
    .privilege = "pg_monitor; without it the number of files that wait is unknown",
    .sql = archiverSql,
};

} // namespace tailscope::live
