// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

/// Columns of PostgreSQL's views by version. CONSTRUCTED from the documentation of versions 10 to 18: only 15
/// was at hand to run.
namespace tailscope::testing {

struct DocumentedColumns
{
    std::string_view view;
    int first; ///< version, 10 to 18
    int last; ///< 0 = to 18
    std::string_view columns; ///< ' ' between
};

inline const std::vector<DocumentedColumns> &documentedColumns()
{
    static const std::vector<DocumentedColumns> list{
        {"pg_stat_activity", 10, 0,
            "datid datname pid usesysid usename application_name client_addr client_hostname client_port "
            "backend_start xact_start query_start state_change wait_event_type wait_event state backend_xid "
            "backend_xmin query backend_type"},
        {"pg_stat_activity", 13, 0, "leader_pid"},
        {"pg_stat_activity", 14, 0, "query_id"},
        {"pg_locks", 10, 0,
            "locktype database relation page tuple virtualxid transactionid classid objid objsubid "
            "virtualtransaction pid mode granted fastpath"},
        {"pg_locks", 14, 0, "waitstart"},
        {"pg_stat_statements", 10, 0,
            "userid dbid queryid query calls rows shared_blks_hit shared_blks_read shared_blks_dirtied "
            "shared_blks_written local_blks_hit local_blks_read local_blks_dirtied local_blks_written "
            "temp_blks_read temp_blks_written"},
        {"pg_stat_statements", 10, 12, "total_time min_time max_time mean_time stddev_time"},
        {"pg_stat_statements", 13, 0,
            "plans total_plan_time min_plan_time max_plan_time mean_plan_time stddev_plan_time "
            "total_exec_time min_exec_time max_exec_time mean_exec_time stddev_exec_time wal_records wal_fpi "
            "wal_bytes"},
        {"pg_stat_statements", 14, 0, "toplevel"},
        {"pg_stat_statements", 10, 16, "blk_read_time blk_write_time"},
        {"pg_stat_statements", 15, 0,
            "temp_blk_read_time temp_blk_write_time jit_functions jit_generation_time jit_inlining_count "
            "jit_inlining_time jit_optimization_count jit_optimization_time jit_emission_count "
            "jit_emission_time"},
        {"pg_stat_statements", 17, 0,
            "shared_blk_read_time shared_blk_write_time local_blk_read_time local_blk_write_time "
            "jit_deform_count jit_deform_time stats_since minmax_stats_since"},
        {"pg_stat_statements", 18, 0,
            "wal_buffers_full parallel_workers_to_launch parallel_workers_launched"},
        {"pg_stat_statements_info", 14, 0, "dealloc stats_reset"},
        {"pg_stat_database", 10, 0,
            "datid datname numbackends xact_commit xact_rollback blks_read blks_hit tup_returned tup_fetched "
            "tup_inserted tup_updated tup_deleted conflicts temp_files temp_bytes deadlocks blk_read_time "
            "blk_write_time stats_reset"},
        {"pg_stat_database", 12, 0, "checksum_failures checksum_last_failure"},
        {"pg_stat_database", 14, 0,
            "session_time active_time idle_in_transaction_time sessions sessions_abandoned sessions_fatal "
            "sessions_killed"},
        {"pg_stat_database", 18, 0, "parallel_workers_to_launch parallel_workers_launched"},
        {"pg_stat_database_conflicts", 10, 0,
            "datid datname confl_tablespace confl_lock confl_snapshot confl_bufferpin confl_deadlock"},
        {"pg_stat_database_conflicts", 16, 0, "confl_active_logicalslot"},
        {"pg_stat_recovery_prefetch", 15, 0,
            "stats_reset prefetch hit skip_init skip_new skip_fpw skip_rep wal_distance block_distance "
            "io_depth"},
        {"pg_stat_io", 16, 0,
            "backend_type object context reads read_time writes write_time writebacks writeback_time extends "
            "extend_time hits evictions reuses fsyncs fsync_time stats_reset"},
        {"pg_stat_io", 16, 17, "op_bytes"},
        {"pg_stat_io", 18, 0, "read_bytes write_bytes extend_bytes"},
        {"pg_stat_wal", 14, 0, "wal_records wal_fpi wal_bytes wal_buffers_full stats_reset"},
        {"pg_stat_wal", 14, 17, "wal_write wal_sync wal_write_time wal_sync_time"},
        {"pg_stat_bgwriter", 10, 0, "buffers_clean maxwritten_clean buffers_alloc stats_reset"},
        {"pg_stat_bgwriter", 10, 16,
            "checkpoints_timed checkpoints_req checkpoint_write_time checkpoint_sync_time buffers_checkpoint "
            "buffers_backend buffers_backend_fsync"},
        {"pg_stat_checkpointer", 17, 0,
            "num_timed num_requested restartpoints_timed restartpoints_req restartpoints_done write_time "
            "sync_time buffers_written stats_reset"},
        {"pg_stat_checkpointer", 18, 0, "num_done slru_written"},
        {"pg_stat_archiver", 10, 0,
            "archived_count last_archived_wal last_archived_time failed_count last_failed_wal "
            "last_failed_time stats_reset"},
        {"pg_stat_replication", 10, 0,
            "pid usesysid usename application_name client_addr client_hostname client_port backend_start "
            "backend_xmin state sent_lsn write_lsn flush_lsn replay_lsn write_lag flush_lag replay_lag "
            "sync_priority sync_state"},
        {"pg_stat_replication", 12, 0, "reply_time"},
        {"pg_replication_slots", 10, 0,
            "slot_name plugin slot_type datoid database temporary active active_pid xmin catalog_xmin "
            "restart_lsn confirmed_flush_lsn"},
        {"pg_replication_slots", 13, 0, "wal_status safe_wal_size"},
        {"pg_stat_wal_receiver", 10, 0,
            "pid status receive_start_lsn receive_start_tli received_tli last_msg_send_time "
            "last_msg_receipt_time latest_end_lsn latest_end_time slot_name conninfo"},
        {"pg_stat_wal_receiver", 10, 12, "received_lsn"},
        {"pg_stat_wal_receiver", 11, 0, "sender_host sender_port"},
        {"pg_stat_wal_receiver", 13, 0, "written_lsn flushed_lsn"},
        {"pg_prepared_xacts", 10, 0, "transaction gid prepared owner database"},
        {"pg_stat_user_tables", 10, 0,
            "relid schemaname relname seq_scan seq_tup_read idx_scan idx_tup_fetch n_tup_ins n_tup_upd "
            "n_tup_del n_tup_hot_upd n_live_tup n_dead_tup n_mod_since_analyze last_vacuum last_autovacuum "
            "last_analyze last_autoanalyze vacuum_count autovacuum_count analyze_count autoanalyze_count"},
        {"pg_stat_user_tables", 13, 0, "n_ins_since_vacuum"},
        {"pg_stat_user_tables", 16, 0, "last_seq_scan last_idx_scan n_tup_newpage_upd"},
        {"pg_stat_user_tables", 18, 0,
            "total_vacuum_time total_autovacuum_time total_analyze_time total_autoanalyze_time"},
        {"pg_statio_user_tables", 10, 0,
            "relid schemaname relname heap_blks_read heap_blks_hit idx_blks_read idx_blks_hit "
            "toast_blks_read "
            "toast_blks_hit tidx_blks_read tidx_blks_hit"},
        {"pg_stat_user_indexes", 10, 0,
            "relid indexrelid schemaname relname indexrelname idx_scan idx_tup_read idx_tup_fetch"},
        {"pg_stat_user_indexes", 16, 0, "last_idx_scan"},
        {"pg_statio_user_indexes", 10, 0,
            "relid indexrelid schemaname relname indexrelname idx_blks_read idx_blks_hit"},
        {"pg_stat_progress_vacuum", 10, 0,
            "pid datid datname relid phase heap_blks_total heap_blks_scanned heap_blks_vacuumed "
            "index_vacuum_count"},
        {"pg_stat_progress_vacuum", 10, 16, "max_dead_tuples num_dead_tuples"},
        {"pg_stat_progress_vacuum", 17, 0,
            "max_dead_tuple_bytes dead_tuple_bytes num_dead_item_ids indexes_total indexes_processed"},
        {"pg_stat_progress_vacuum", 18, 0, "delay_time"},
        {"pg_stat_progress_create_index", 12, 0,
            "pid datid datname relid index_relid command phase lockers_total lockers_done current_locker_pid "
            "blocks_total blocks_done tuples_total tuples_done partitions_total partitions_done"},
        {"pg_stat_progress_cluster", 12, 0,
            "pid datid datname relid command phase cluster_index_relid heap_tuples_scanned "
            "heap_tuples_written heap_blks_total heap_blks_scanned index_rebuild_count"},
        {"pg_stat_progress_analyze", 13, 0,
            "pid datid datname relid phase sample_blks_total sample_blks_scanned ext_stats_total "
            "ext_stats_computed child_tables_total child_tables_done current_child_table_relid"},
        {"pg_stat_progress_analyze", 18, 0, "delay_time"},
        {"pg_stat_progress_basebackup", 13, 0,
            "pid phase backup_total backup_streamed tablespaces_total tablespaces_streamed"},
        {"pg_stat_progress_copy", 14, 0,
            "pid datid datname relid command type bytes_processed bytes_total tuples_processed "
            "tuples_excluded"},
        {"pg_stat_progress_copy", 17, 0, "tuples_skipped"},
        {"pg_settings", 10, 0,
            "name setting unit category short_desc extra_desc context vartype source min_val max_val "
            "enumvals "
            "boot_val reset_val sourcefile sourceline pending_restart"},
        {"pg_stats", 10, 0,
            "schemaname tablename attname inherited null_frac avg_width n_distinct most_common_vals "
            "most_common_freqs histogram_bounds correlation"},
        {"pg_database", 10, 0, "oid datname datallowconn datistemplate datfrozenxid datminmxid"},
        {"pg_roles", 10, 0, "oid rolname"},
        {"pg_class", 10, 0,
            "oid relname relnamespace relkind relpersistence reltuples relpages relallvisible relhastriggers "
            "relispartition reloptions relfrozenxid relminmxid reltoastrelid relam"},
        {"pg_namespace", 10, 0, "oid nspname"},
        {"pg_am", 10, 0, "oid amname"},
        {"pg_inherits", 10, 0, "inhrelid inhparent inhseqno"},
        {"pg_index", 10, 0,
            "indexrelid indrelid indisunique indisprimary indisvalid indisready indkey indpred"},
        {"pg_index", 11, 0, "indnkeyatts"},
        {"pg_constraint", 10, 0,
            "oid conname contype convalidated conrelid conindid conkey confrelid confkey confdeltype"},
        {"pg_attribute", 10, 0,
            "attrelid attname attnum atttypid atttypmod attnotnull attisdropped attstattarget"},
        {"pg_attrdef", 10, 0, "adrelid adnum adbin"},
        // 1.1 of the extension
        {"pg_wait_sampling_profile", 10, 0, "pid event_type event queryid count"},
    };
    return list;
}

/// Functions that came after version 10.
struct DocumentedFunction
{
    std::string_view name;
    int first;
};
inline const std::vector<DocumentedFunction> &laterFunctions()
{
    static const std::vector<DocumentedFunction> list{
        {"pg_get_wal_replay_pause_state(", 14},
        {"pg_ls_archive_statusdir(", 12},
        {"current_setting('recovery_min_apply_delay')", 12},
        {"MATERIALIZED", 12},
    };
    return list;
}

} // namespace tailscope::testing
