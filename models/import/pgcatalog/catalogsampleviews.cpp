// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The views that say what happens; catalogviews.cpp has those that say what is there.
#include "import/pgcatalog/catalogviews.h"

#include <array>

namespace tailscope::import {

namespace {

using Kind = CatalogKind;

constexpr std::string_view kDatabase = "dbname|datname|current_database";
constexpr std::string_view kSchema = "schemaname|nspname|schema_name|schema";

constexpr std::array kTables{
    CatalogColumn{"relid", "relid|oid", Kind::Relation},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", "relname|table_name|tablename"},
    CatalogColumn{"seq_scan", "seq_scan", Kind::Integer},
    CatalogColumn{"seq_tup_read", "seq_tup_read", Kind::Integer},
    CatalogColumn{"idx_scan", "idx_scan", Kind::Integer},
    CatalogColumn{"idx_tup_fetch", "idx_tup_fetch", Kind::Integer},
    CatalogColumn{"n_tup_ins", "n_tup_ins", Kind::Integer},
    CatalogColumn{"n_tup_upd", "n_tup_upd", Kind::Integer},
    CatalogColumn{"n_tup_del", "n_tup_del", Kind::Integer},
    CatalogColumn{"n_tup_hot_upd", "n_tup_hot_upd", Kind::Integer},
    CatalogColumn{"n_live_tup", "n_live_tup", Kind::Integer},
    CatalogColumn{"n_dead_tup", "n_dead_tup", Kind::Integer},
    CatalogColumn{"n_mod_since_analyze", "n_mod_since_analyze", Kind::Integer},
    CatalogColumn{"n_ins_since_vacuum", "n_ins_since_vacuum", Kind::Integer}, // 13
    CatalogColumn{"last_vacuum_ns", "last_vacuum", Kind::Time},
    CatalogColumn{"last_autovacuum_ns", "last_autovacuum", Kind::Time},
    CatalogColumn{"last_analyze_ns", "last_analyze", Kind::Time},
    CatalogColumn{"last_autoanalyze_ns", "last_autoanalyze", Kind::Time},
    CatalogColumn{"vacuum_count", "vacuum_count", Kind::Integer},
    CatalogColumn{"autovacuum_count", "autovacuum_count", Kind::Integer},
    CatalogColumn{"heap_blks_read", "heap_blks_read", Kind::Integer},
    CatalogColumn{"heap_blks_hit", "heap_blks_hit", Kind::Integer},
    CatalogColumn{"idx_blks_read", "idx_blks_read", Kind::Integer},
    CatalogColumn{"idx_blks_hit", "idx_blks_hit", Kind::Integer},
    CatalogColumn{"table_bytes", "table_bytes|pg_table_size|pg_relation_size|table_size|relation_size",
        Kind::Bytes},
    CatalogColumn{"last_seq_scan_ns", "last_seq_scan", Kind::Time}, // this and the next two: 16
    CatalogColumn{"last_idx_scan_ns", "last_idx_scan", Kind::Time},
    CatalogColumn{"n_tup_newpage_upd", "n_tup_newpage_upd", Kind::Integer},
    CatalogColumn{"analyze_count", "analyze_count", Kind::Integer},
    CatalogColumn{"autoanalyze_count", "autoanalyze_count", Kind::Integer},
    CatalogColumn{"relfrozenxid_age", "relfrozenxid_age|frozenxid_age", Kind::Integer},
    CatalogColumn{"index_bytes", "index_bytes|pg_indexes_size|indexes_size|indexes_bytes", Kind::Bytes},
    CatalogColumn{"toast_bytes", "toast_bytes|toast_size", Kind::Bytes},
    CatalogColumn{"bloat_bytes", "bloat_bytes", Kind::Bytes},
    CatalogColumn{"bloat_doubt", "bloat_doubt"},
    // What begins with '@' goes to `extra` by its name.
    CatalogColumn{"@toast_blks_read", "toast_blks_read", Kind::Integer},
    CatalogColumn{"@toast_blks_hit", "toast_blks_hit", Kind::Integer},
    CatalogColumn{"@tidx_blks_read", "tidx_blks_read", Kind::Integer},
    CatalogColumn{"@tidx_blks_hit", "tidx_blks_hit", Kind::Integer},
    CatalogColumn{"@total_vacuum_time", "total_vacuum_time", Kind::Real}, // this and the next three: 18
    CatalogColumn{"@total_autovacuum_time", "total_autovacuum_time", Kind::Real},
    CatalogColumn{"@total_analyze_time", "total_analyze_time", Kind::Real},
    CatalogColumn{"@total_autoanalyze_time", "total_autoanalyze_time", Kind::Real},
    CatalogColumn{"@relminmxid_age", "relminmxid_age", Kind::Integer},
};

constexpr std::array kIndexes{
    CatalogColumn{"indexrelid", "indexrelid", Kind::Relation},
    CatalogColumn{"dbname", kDatabase},
    CatalogColumn{"schemaname", kSchema},
    CatalogColumn{"relname", "relname|tablename|table_name"},
    CatalogColumn{"indexrelname", "indexrelname|indexname|index_name"},
    CatalogColumn{"idx_scan", "idx_scan", Kind::Integer},
    CatalogColumn{"idx_tup_read", "idx_tup_read", Kind::Integer},
    CatalogColumn{"idx_tup_fetch", "idx_tup_fetch", Kind::Integer},
    CatalogColumn{"idx_blks_read", "idx_blks_read", Kind::Integer},
    CatalogColumn{"idx_blks_hit", "idx_blks_hit", Kind::Integer},
    CatalogColumn{"index_bytes", "index_bytes|pg_relation_size|index_size|size", Kind::Bytes},
    CatalogColumn{"last_idx_scan_ns", "last_idx_scan", Kind::Time}, // 16
    CatalogColumn{"bloat_bytes", "bloat_bytes", Kind::Bytes},
    CatalogColumn{"bloat_doubt", "bloat_doubt"},
};

// backend_xmin and backend_xid are transaction ids: only their age() says something.
constexpr std::array kSessions{
    CatalogColumn{"pid", "pid|procpid", Kind::Integer},
    CatalogColumn{"user", "usename|username|user"},
    CatalogColumn{"db", "datname|dbname|database|db"},
    CatalogColumn{"application", "application_name|application"},
    CatalogColumn{"client", "client_addr|client|client_hostname"},
    CatalogColumn{"backend_type", "backend_type"}, // 10
    CatalogColumn{"state", "state"},
    CatalogColumn{"wait_event_type", "wait_event_type"}, // 9.6
    CatalogColumn{"wait_event", "wait_event"},
    CatalogColumn{"xact_start_ns", "xact_start", Kind::Time},
    CatalogColumn{"query_start_ns", "query_start", Kind::Time},
    CatalogColumn{"state_change_ns", "state_change", Kind::Time},
    CatalogColumn{"backend_xmin", "backend_xmin_age|xmin_age", Kind::Integer},
    CatalogColumn{"query_id", "query_id|queryid", Kind::Integer}, // 14
    CatalogColumn{"statement_id", "query"},
    CatalogColumn{"leader_pid", "leader_pid", Kind::Integer}, // 13
    CatalogColumn{"backend_start_ns", "backend_start", Kind::Time},
    CatalogColumn{"xid_age", "backend_xid_age|xid_age", Kind::Integer},
};

constexpr std::array kLocks{
    CatalogColumn{"blocked_pid", "blocked_pid|pid", Kind::Integer},
    CatalogColumn{"@blockers",
        "pg_blocking_pids|blocking_pids|blocked_by|blockers|blocking_pid|blocker_pid|blocker", Kind::Numbers},
    CatalogColumn{"lock_type", "locktype|lock_type"},
    CatalogColumn{"mode", "mode|blocked_mode"},
    CatalogColumn{"relation", "relation|locked_item|relname"},
    CatalogColumn{"waited_ms", "waited_ms|waited|wait_duration|wait_time|wait_age", Kind::Millis},
    CatalogColumn{"@waitstart", "waitstart", Kind::Time}, // 14
    CatalogColumn{"@granted", "granted", Kind::Boolean},
    CatalogColumn{"granted_mode", "granted_mode|blocker_mode"},
};

// Snapshots of what keeps old row versions; no view of the server, but the union of four.
constexpr std::array kHolders{
    CatalogColumn{"kind", "holder"},
    CatalogColumn{"name", "holder_name"},
    CatalogColumn{"pid", "pid", Kind::Integer},
    CatalogColumn{"db", "datname|dbname|database|db"},
    CatalogColumn{"user", "usename|username|user|owner"},
    CatalogColumn{"xmin_age", "xmin_age|backend_xmin_age", Kind::Integer},
    CatalogColumn{"xid_age", "xid_age|backend_xid_age", Kind::Integer},
    CatalogColumn{"since_ns", "since|xact_start|prepared", Kind::Time},
    CatalogColumn{"detail", "detail"},
};

constexpr std::array kWaits{
    CatalogColumn{"origin", "origin"},
    CatalogColumn{"wait_event_type", "wait_event_type|event_type"},
    CatalogColumn{"wait_event", "wait_event|event"},
    CatalogColumn{"query_id", "query_id|queryid", Kind::Integer},
    CatalogColumn{"statement_id", "query"},
    CatalogColumn{"backend_type", "backend_type"},
    CatalogColumn{"samples", "samples", Kind::Real},
    CatalogColumn{"interval_ms", "interval_ms|profile_period", Kind::Real},
    CatalogColumn{"@count", "count", Kind::Integer},
    CatalogColumn{"@pid", "pid", Kind::Integer},
};

constexpr std::array kReplicas{
    CatalogColumn{"replica", "application_name|client_addr|replica"},
    CatalogColumn{"client", "client_addr|client_hostname"},
    CatalogColumn{"state", "state"},
    CatalogColumn{"sync_state", "sync_state"},
    // *_location until 9.6
    CatalogColumn{"sent_position", "sent_lsn|sent_location", Kind::Lsn},
    CatalogColumn{"write_position", "write_lsn|write_location", Kind::Lsn},
    CatalogColumn{"flush_position", "flush_lsn|flush_location", Kind::Lsn},
    CatalogColumn{"replay_position", "replay_lsn|replay_location", Kind::Lsn},
    CatalogColumn{"current_position",
        "current_lsn|pg_current_wal_lsn|current_wal_lsn|pg_current_wal_insert_lsn|pg_current_xlog_location",
        Kind::Lsn},
    CatalogColumn{"write_lag_ms", "write_lag", Kind::Millis}, // 10
    CatalogColumn{"flush_lag_ms", "flush_lag", Kind::Millis},
    CatalogColumn{"replay_lag_ms", "replay_lag", Kind::Millis},
    CatalogColumn{"@reply", "reply_time", Kind::Time}, // 12
    CatalogColumn{"paused", "paused|pg_is_wal_replay_paused", Kind::Boolean},
    CatalogColumn{"apply_delay_ms", "recovery_min_apply_delay|apply_delay", Kind::Millis},
    CatalogColumn{"timeline", "timeline|timeline_id", Kind::Integer},
};

// What the functions of a standby say, each under its own name or a usual one; *_xlog_* until 9.6.
constexpr std::array kStandby{
    CatalogColumn{"replica", "replica|application_name|standby|cluster_name|server_name"},
    CatalogColumn{"receive_position",
        "pg_last_wal_receive_lsn|last_wal_receive_lsn|receive_lsn|received_lsn|"
        "pg_last_xlog_receive_location|receive_location",
        Kind::Lsn},
    CatalogColumn{"replay_position",
        "pg_last_wal_replay_lsn|last_wal_replay_lsn|replay_lsn|replayed_lsn|"
        "pg_last_xlog_replay_location|replay_location",
        Kind::Lsn},
    CatalogColumn{"@replayed", "pg_last_xact_replay_timestamp|last_xact_replay_timestamp|replay_timestamp",
        Kind::Time},
    CatalogColumn{"replay_age_ms", "replay_age|replay_delay|replication_delay|replay_lag", Kind::Millis},
    CatalogColumn{"paused", "pg_is_wal_replay_paused|pg_is_xlog_replay_paused|paused|is_paused",
        Kind::Boolean},
    CatalogColumn{"@state", "pg_get_wal_replay_pause_state|pause_state"}, // 14
    CatalogColumn{"apply_delay_ms", "recovery_min_apply_delay|apply_delay", Kind::Millis},
    CatalogColumn{"timeline", "timeline|timeline_id|received_tli", Kind::Integer},
};
constexpr std::array kReceiver{
    CatalogColumn{"@conninfo", "conninfo"},
    CatalogColumn{"@slot", "slot_name"},
    CatalogColumn{"state", "status"},
    CatalogColumn{"write_position", "written_lsn", Kind::Lsn}, // 13
    CatalogColumn{"flush_position", "flushed_lsn|received_lsn", Kind::Lsn}, // received_lsn until 12
    CatalogColumn{"@receipt", "last_msg_receipt_time", Kind::Time},
    CatalogColumn{"timeline", "received_tli", Kind::Integer},
};

constexpr std::array kSlots{
    CatalogColumn{"slot", "slot_name"},
    CatalogColumn{"kind", "slot_type"},
    CatalogColumn{"active", "active", Kind::Boolean},
    CatalogColumn{"retained_bytes", "retained_bytes|retained_wal|retained_wal_bytes|wal_retained",
        Kind::Bytes},
    CatalogColumn{"@restart", "restart_lsn", Kind::Lsn},
    CatalogColumn{"@current", "current_lsn|pg_current_wal_lsn|current_wal_lsn|pg_current_xlog_location",
        Kind::Lsn},
    CatalogColumn{"wal_status", "wal_status"}, // 13
    CatalogColumn{"safe_wal_bytes", "safe_wal_size", Kind::Bytes},
};

// Every progress view: who, where, and pairs of done and total. The pairs are in catalogrows.cpp.
constexpr std::array kProgress{
    CatalogColumn{"pid", "pid", Kind::Integer},
    CatalogColumn{"dbname", "datname|dbname"},
    CatalogColumn{"relname", "relname|relid", Kind::Relation},
    CatalogColumn{"phase", "phase"},
};

using Rule = CatalogRule;
using Table = RecordTable;

constexpr CatalogView progress(std::string_view name, std::string_view required, std::string_view command)
{
    return {name, Table::ProgressSample, Rule::Progress, required, "", "pid", true, true, kProgress, command};
}

const std::array kViews{
    CatalogView{"pg_stat_user_tables", Table::TableSample, Rule::Table,
        "relname|table_name|tablename|relid "
        "seq_scan|n_live_tup|n_dead_tup|n_mod_since_analyze|n_tup_ins|last_autovacuum|heap_blks_read|heap_"
        "blks_hit",
        "indexrelid indexrelname indexname index_name attname phase", "relname", true, true, kTables, {}},
    CatalogView{"pg_stat_user_indexes", Table::IndexSample, Rule::Table,
        "indexrelname|indexname|index_name idx_scan|idx_tup_read|idx_tup_fetch|idx_blks_read|idx_blks_hit",
        "attname", "indexrelname", true, true, kIndexes, {}},
    CatalogView{"pg_stat_activity", Table::SessionSample, Rule::Session,
        "pid|procpid state|wait_event_type|backend_type query_start|xact_start|state_change|wait_event_type",
        "sent_lsn sent_location write_lag phase locktype holder", "pid", true, false, kSessions, {}},
    CatalogView{"pg_locks", Table::LockEdge, Rule::Locks,
        "pid|blocked_pid pg_blocking_pids|blocking_pids|blocked_by|blockers|blocking_pid|blocker_pid|blocker",
        "", "blocked_pid", true, false, kLocks, {}},
    CatalogView{"pg_locks without pg_blocking_pids()", Table::LockEdge, Rule::NotKept,
        "locktype mode granted",
        "pg_blocking_pids blocking_pids blocked_by blockers blocking_pid blocker_pid blocker", "", true,
        false, {}, "they do not say who waits for whom; add the column pg_blocking_pids(pid)"},
    CatalogView{"what holds back the xmin horizon", Table::XminHolder, Rule::Copy,
        "holder xmin_age|xid_age|backend_xmin_age|backend_xid_age", "", "kind", true, false, kHolders, {}},
    CatalogView{"pg_wait_sampling_profile", Table::WaitSample, Rule::WaitProfile, "event_type event count",
        "samples", "", true, false, kWaits, {}},
    CatalogView{"samples of waits", Table::WaitSample, Rule::Copy,
        "wait_event_type|event_type wait_event|event samples", "pid", "samples", true, false, kWaits, {}},
    CatalogView{"pg_stat_replication", Table::ReplicaSample, Rule::Replica,
        "sent_lsn|sent_location|replay_lsn|replay_location state|sync_state|application_name|client_addr",
        "slot_type", "", true, false, kReplicas, {}},
    CatalogView{"functions of a standby", Table::ReplicaSample, Rule::Standby,
        "pg_last_wal_replay_lsn|last_wal_replay_lsn|replay_lsn|replayed_lsn|pg_last_xlog_replay_location|"
        "replay_"
        "location "
        "pg_last_wal_receive_lsn|last_wal_receive_lsn|receive_lsn|received_lsn|pg_last_xlog_receive_location|"
        "receive_location|pg_last_xact_replay_timestamp|last_xact_replay_timestamp|replay_timestamp",
        "state sync_state sent_lsn sent_location receive_start_lsn slot_type", "", true, false, kStandby, {}},
    CatalogView{"pg_stat_wal_receiver", Table::ReplicaSample, Rule::Receiver,
        "status last_msg_receipt_time receive_start_lsn|latest_end_lsn|flushed_lsn|received_lsn", "", "",
        true, false, kReceiver, {}},
    CatalogView{"pg_replication_slots", Table::SlotSample, Rule::Slot,
        "slot_name restart_lsn|active|slot_type|wal_status", "sent_lsn", "slot", true, false, kSlots, {}},
    progress("pg_stat_progress_vacuum", "pid heap_blks_scanned heap_blks_vacuumed", "vacuum"),
    progress("pg_stat_progress_analyze", "pid sample_blks_total", "analyze"), // 13
    progress("pg_stat_progress_create_index", "pid blocks_done tuples_done lockers_total",
        "create_index"), // 12
    progress("pg_stat_progress_cluster", "pid heap_tuples_scanned heap_blks_scanned", "cluster"), // 12
    progress("pg_stat_progress_basebackup", "pid backup_streamed", "basebackup"), // 13
    progress("pg_stat_progress_copy", "pid bytes_processed tuples_processed", "copy"), // 14
};

} // namespace

std::span<const CatalogView> catalogSampleViews() { return kViews; }

} // namespace tailscope::import
