// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Replication as its two ends see it.
#include "live/probes/probes.h"
#include "live/probes/probesql.h"

namespace tailscope::live {

namespace {

using namespace std::chrono_literals;

/// A standby passes on what it has received.
constexpr std::string_view kCurrent
    = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS "
      "current_lsn";

std::string replicationSql(const ServerFacts &facts)
{
    return selectOf("replication", "pg_stat_replication")
        + columnList(facts,
            {{"r.application_name"}, {"r.client_addr"}, {"r.state"}, {"r.sync_state"}, {"r.sent_lsn"},
                {"r.write_lsn"}, {"r.flush_lsn"}, {"r.replay_lsn"}, {kCurrent}, {"r.write_lag"},
                {"r.flush_lag"}, {"r.replay_lag"}, {"r.reply_time", 12}})
        + " FROM pg_stat_replication AS r";
}

std::string slotsSql(const ServerFacts &facts)
{
    return selectOf("slots", "pg_replication_slots")
        + columnList(facts,
            {{"s.slot_name"}, {"s.slot_type"}, {"s.active"}, {"s.restart_lsn"}, {kCurrent},
                {"s.wal_status", 13}, {"s.safe_wal_size", 13}})
        + " FROM pg_replication_slots AS s";
}

/// The functions and the receiver in one row: positions and link of one moment. Without a receiver the link
/// is cut. recovery_min_apply_delay is no setting before 12.
std::string standbySql(const ServerFacts &facts)
{
    return selectOf("standby", "pg_stat_wal_receiver")
        + columnList(facts,
            {{"pg_last_wal_receive_lsn()"}, {"pg_last_wal_replay_lsn()"}, {"pg_last_xact_replay_timestamp()"},
                {"CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END AS "
                 "pg_is_wal_replay_paused"},
                {"CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() END AS "
                 "pg_get_wal_replay_pause_state",
                    14},
                {"extract(epoch FROM current_setting('recovery_min_apply_delay')::interval) * 1000 AS "
                 "recovery_min_apply_delay",
                    12},
                {"CASE WHEN w.pid IS NULL THEN 'disconnected' ELSE w.status END AS status"},
                {"w.written_lsn", 13}, {"w.flushed_lsn", 13}, {"w.received_lsn AS flushed_lsn", 10, 12},
                {"w.received_tli"}, {"w.last_msg_receipt_time"}, {"w.latest_end_lsn"}, {"w.slot_name"},
                {"w.conninfo"}})
        + " FROM (SELECT 1) AS one LEFT JOIN pg_stat_wal_receiver AS w ON true";
}

std::string conflictsSql(const ServerFacts &facts)
{
    return selectOf("conflicts", "pg_stat_database_conflicts")
        + columnList(facts,
            {{"s.datname"}, {"s.confl_tablespace"}, {"s.confl_lock"}, {"s.confl_snapshot"},
                {"s.confl_bufferpin"}, {"s.confl_deadlock"}, {"s.confl_active_logicalslot", 16}})
        + " FROM pg_stat_database_conflicts AS s WHERE s.datname NOT IN ('template0', 'template1')";
}

std::string prefetchSql(const ServerFacts &)
{
    return selectOf("recovery_prefetch", "pg_stat_recovery_prefetch")
        + "s.prefetch, s.hit, s.skip_init, s.skip_new, s.skip_fpw, s.skip_rep, s.wal_distance, "
          "s.block_distance, s.io_depth FROM pg_stat_recovery_prefetch AS s";
}

} // namespace

const Probe kReplicationProbe{
    .id = "replication",
    .title = "Standbys of this server",
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = "pg_monitor; without it a standby's state and positions are hidden",
    .sql = replicationSql,
};
const Probe kSlotsProbe{
    .id = "slots",
    .title = "Replication slots",
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 5ms,
    .privilege = "none",
    .sql = slotsSql,
};
const Probe kStandbyProbe{
    .id = "standby",
    .title = "This standby",
    .side = Side::Standby,
    .mapping = Mapping::Catalog,
    .interval = 1000ms,
    .budget = 5ms,
    .privilege = "pg_monitor; without it the state of the link is hidden",
    .sql = standbySql,
};
const Probe kConflictsProbe{
    .id = "conflicts",
    .title = "Queries cancelled by recovery",
    .side = Side::Standby,
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 5ms,
    .privilege = "none",
    .sql = conflictsSql,
    .key = "datname",
    .unwatched = "ts",
};
const Probe kPrefetchProbe{
    .id = "recovery_prefetch",
    .title = "Prefetching of recovery",
    .minimumVersion = 150000,
    .side = Side::Standby,
    .mapping = Mapping::Catalog,
    .interval = 10'000ms,
    .budget = 5ms,
    .privilege = "none",
    .sql = prefetchSql,
};

} // namespace tailscope::live
