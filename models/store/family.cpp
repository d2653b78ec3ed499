// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/family.h"

#include <array>

namespace tailscope::store {

namespace {

constexpr std::array<FamilyInfo, kFamilies> kInfo{{
    {Family::String, "string", "text", false, ""},
    {Family::Track, "track",
        "source_id, process_id, thread_id, service_id, instance_id, process_sort, thread_sort, shape", false,
        "span"},
    {Family::Trace, "trace_raw", "source_id, trace_key", false, "span"},
    {Family::AttributeSet, "attribute_set", "source_id", false, "span"},
    {Family::Profile, "profile_raw",
        "source_id, name_id, kind, sample_type_id, unit_id, period, start_ns, duration_ns", false, "profile"},
    {Family::Frame, "frame_raw", "source_id, function_id, module_id, file_id, line", false, "profile"},
    {Family::CallNode, "call_node_raw", "source_id, profile_id, parent_id, frame_id, depth", false,
        "profile"},
    {Family::Series, "series_raw",
        "source_id, metric_id, foreign_name_id, service_id, instance_id, role_id, labels, unit_id, kind, "
        "track_id",
        false, "series"},
    {Family::Plan, "plan_raw",
        "source_id, engine, server_version, statement_id, captured_at_ns, planning_ms, execution_ms, "
        "duration_ms, "
        "total_cost, settings, query_text, source_text, format, extra",
        true, "plan"},
    {Family::Span, "span_raw",
        "source_id, track_id, trace_id, span_key, parent_key, operation_id, category_id, kind, status, "
        "http_status, start_ns, duration_ns, resource_set, scope_set, attribute_set, attributes, quality",
        true, "span"},
    {Family::SpanEvent, "span_event_raw", "source_id, span_id, track_id, ts_ns, name_id, attributes", true,
        "span"},
    {Family::SpanLink, "span_link_raw", "source_id, span_id, linked_trace_key, linked_span_key, attributes",
        true, "span"},
    {Family::Flow, "flow_raw", "source_id, phase, bind_enclosing, track_id, ts_ns, flow_key, span_id", true,
        "span"},
    {Family::Sample, "sample_raw",
        "source_id, profile_id, ts_ns, thread_id, state_id, call_node_id, weight, count", true, "profile"},
    {Family::Point, "point_raw", "source_id, series_id, ts_ns, value", true, "series"},
    {Family::Event, "event_raw", "source_id, ts_ns, end_ns, kind, service, title, detail, offset_seconds",
        true, "event"},
    {Family::PlanNode, "plan_node_raw",
        "source_id, plan_id, node, parent, position, depth, node_type, parent_relationship, subplan_name, "
        "join_type, relation, schema, alias, index_name, condition, filter, plan_rows, plan_width, "
        "startup_cost, "
        "total_cost, actual_rows, rows_removed_by_filter, rows_removed_by_join_filter, "
        "rows_removed_by_index_recheck, loops, startup_ms, total_ms, wall_ms, self_ms, doubt_ms, shared_hit, "
        "shared_read, shared_dirtied, shared_written, local_hit, local_read, local_dirtied, local_written, "
        "temp_read, temp_written, self_shared_hit, self_shared_read, io_read_ms, io_write_ms, wal_bytes, "
        "sort_kb, "
        "sort_disk, hash_batches, heap_fetches, exact_blocks, lossy_blocks, workers_planned, "
        "workers_launched, "
        "source_line, extra",
        true, "plan"},
    {Family::PlanWorker, "plan_worker_raw",
        "source_id, plan_id, node, worker, startup_ms, total_ms, rows, loops, extra", true, "plan"},
    {Family::PlanTrigger, "plan_trigger_raw",
        "source_id, plan_id, name, relation, constraint_name, time_ms, calls", true, "plan"},
    {Family::LogEntry, "log_entry_raw",
        "source_id, ts_ns, offset_seconds, pid, user_id, db_id, application_id, client_id, severity, "
        "sqlstate, kind, message, detail, hint, context, statement_id, query_id, duration_ms, service_id, "
        "instance_id, logger_id, trace_key, span_key, resource_set, attributes, server_id, pattern_id",
        true, "log"},
    {Family::Server, "server_raw",
        "source_id, kind, name, host, port, dbname, server_version, server_version_num, system_identifier, "
        "timeline, in_recovery, postmaster_start_ns, clock_difference_ns, hidden, extra",
        false, "catalog"},
    {Family::Run, "run_raw", "source_id, name, kind, start_ns, end_ns, tool, parameters", false, "run"},
    {Family::StatementSample, "statement_sample_raw",
        "source_id, server_id, statement_id, db_id, user_id, ts_ns, calls, total_ms, mean_ms, stddev_ms, "
        "min_ms, max_ms, rows, shared_hit, shared_read, temp_written, plans, wal_bytes, epoch, extra",
        true, "statement"},
    {Family::PoolSample, "pool_sample_raw",
        "source_id, server_id, pool_id, kind, instance_id, mode, ts_ns, capacity, active, idle, waiting, "
        "max_wait_ms, wait_p50_ms, wait_p99_ms, acquire_timeout_ms, acquired, created, timeouts, service_ms, "
        "throughput, wait_p95_ms, clients, max_clients, wait_total_ms, busy_total_ms, busy_includes_wait, "
        "extra",
        true, "pool"},
    {Family::ReplicaSample, "replica_sample_raw",
        "source_id, server_id, replica_id, ts_ns, state, sync_state, sent_position, write_position, "
        "flush_position, replay_position, wal_rate, unsent_bytes, unwritten_bytes, unflushed_bytes, "
        "unreplayed_bytes, write_lag_ms, flush_lag_ms, replay_lag_ms, link_age_ms, paused, "
        "current_position, receive_position, replay_age_ms, apply_delay_ms, timeline, client",
        true, "replica"},
    {Family::SlotSample, "slot_sample_raw",
        "source_id, server_id, slot_id, kind, ts_ns, active, retained_bytes, wal_status, safe_wal_bytes",
        true, "replica"},
    {Family::SessionSample, "session_sample_raw",
        "source_id, server_id, ts_ns, pid, user_id, db_id, application_id, client_id, backend_type_id, "
        "state_id, wait_event_type_id, wait_event_id, xact_start_ns, query_start_ns, state_change_ns, "
        "backend_xmin, query_id, statement_id, leader_pid, backend_start_ns, xid_age",
        true, "session"},
    {Family::LockEdge, "lock_edge_raw",
        "source_id, server_id, ts_ns, blocked_pid, blocker_pid, lock_type_id, mode_id, relation_id, "
        "waited_ms, granted_mode_id",
        true, "session"},
    {Family::QueueSample, "queue_sample_raw",
        "source_id, server_id, queue_id, partition_id, consumer_group_id, ts_ns, depth, arrived, completed, "
        "members, assigned, oldest_age_ms, retention_ms, in_flight, delayed, failed, position, end_position",
        true, "queue"},
    {Family::CacheSample, "cache_sample_raw",
        "source_id, server_id, cache_id, instance_id, ts_ns, hits, misses, evictions, expirations, items, "
        "used_bytes, capacity_bytes",
        true, "cache"},
    {Family::Pause, "pause_raw",
        "source_id, instance_id, ts_ns, duration_ns, kind, cause, heap_before, heap_after", true, "pause"},
    {Family::Setting, "setting_raw",
        "source_id, server_id, ts_ns, name, setting, unit, category, context, vartype, source, min_val, "
        "max_val, boot_val, reset_val, pending_restart",
        true, "catalog"},
    {Family::DbTable, "db_table_raw",
        "source_id, server_id, oid, dbname, schemaname, relname, relkind, relpersistence, reltuples, "
        "relpages, relallvisible, relhastriggers, relispartition, parent_oid, reloptions, relfrozenxid_age, "
        "table_bytes, index_bytes, toast_bytes",
        true, "catalog"},
    {Family::DbIndex, "db_index_raw",
        "source_id, server_id, indexrelid, indrelid, dbname, schemaname, relname, indexrelname, amname, "
        "indisunique, indisprimary, indisvalid, indisready, indkey, indnkeyatts, indpred, indexdef, "
        "relpages, reltuples, index_bytes, constraint_name",
        true, "catalog"},
    {Family::DbColumn, "db_column_raw",
        "source_id, server_id, attrelid, dbname, schemaname, relname, attnum, attname, format_type, "
        "attnotnull, column_default, attstattarget, null_frac, avg_width, n_distinct, correlation, "
        "most_common_vals, most_common_freqs",
        true, "catalog"},
    {Family::DbConstraint, "db_constraint_raw",
        "source_id, server_id, dbname, schemaname, relname, conrelid, conname, contype, convalidated, "
        "conkey, confrelid, confkey, confdeltype, constraintdef",
        true, "catalog"},
    {Family::TableSample, "table_sample_raw",
        "source_id, server_id, ts_ns, relid, dbname_id, schemaname_id, relname_id, seq_scan, seq_tup_read, "
        "idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd, n_live_tup, n_dead_tup, "
        "n_mod_since_analyze, n_ins_since_vacuum, last_vacuum_ns, last_autovacuum_ns, last_analyze_ns, "
        "last_autoanalyze_ns, vacuum_count, autovacuum_count, heap_blks_read, heap_blks_hit, idx_blks_read, "
        "idx_blks_hit, table_bytes, last_seq_scan_ns, last_idx_scan_ns, n_tup_newpage_upd, analyze_count, "
        "autoanalyze_count, relfrozenxid_age, index_bytes, toast_bytes, bloat_bytes, bloat_doubt, extra",
        true, "catalog"},
    {Family::IndexSample, "index_sample_raw",
        "source_id, server_id, ts_ns, indexrelid, dbname_id, schemaname_id, relname_id, indexrelname_id, "
        "idx_scan, idx_tup_read, idx_tup_fetch, idx_blks_read, idx_blks_hit, index_bytes, last_idx_scan_ns, "
        "bloat_bytes, bloat_doubt",
        true, "catalog"},
    {Family::ProgressSample, "progress_sample_raw",
        "source_id, server_id, ts_ns, command, pid, dbname_id, relname_id, phase, done, total, extra", true,
        "catalog"},
    {Family::Config, "config_raw", "source_id, subject_kind, subject, parent, key, value, unit", true,
        "config"},
    {Family::DdlStatement, "ddl_statement_raw", "source_id, position, file, line, kind, object, text, extra",
        true, "ddl"},
    {Family::RunPhase, "run_phase_raw",
        "source_id, run_id, position, name, start_ns, end_ns, target_rate, rate, users, requests, errors, "
        "p50_ms, p95_ms, p99_ms, max_ms, kind, mean_ms, p90_ms, min_ms, extra",
        true, "run"},
    {Family::HistogramPoint, "histogram_point_raw", "source_id, series_id, ts_ns, upper_bound, count", true,
        "series"},
    {Family::DeadlockMember, "deadlock_member_raw",
        "source_id, server_id, log_id, deadlock, position, ts_ns, pid, waits_for_pid, lock_type_id, mode_id, "
        "relation_id, waits_for, query_text, statement_id",
        true, "log"},
    {Family::Budget, "budget_raw",
        "source_id, name, target_ms, percentile, margin, description, match, error_limit, min_samples", true,
        "budget"},
    {Family::BudgetComponent, "budget_component_raw",
        "source_id, budget_id, position, parallel_group, name, match, budget_ms, timeout_ms, kind, calls, "
        "call_ms, optional",
        true, "budget"},
    {Family::XminHolder, "xmin_holder_raw",
        "source_id, server_id, ts_ns, kind, name, pid, db_id, user_id, xmin_age, xid_age, since_ns, detail",
        true, "session"},
    {Family::WaitSample, "wait_sample_raw",
        "source_id, server_id, ts_ns, origin, wait_event_type_id, wait_event_id, query_id, statement_id, "
        "backend_type_id, samples, interval_ms",
        true, "session"},
}};

} // namespace

const FamilyInfo &familyInfo(Family family) { return kInfo[static_cast<std::size_t>(family)]; }

std::span<const FamilyInfo> allFamilies() { return kInfo; }

} // namespace tailscope::store
