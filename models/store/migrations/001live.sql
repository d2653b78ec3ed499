-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.0, continued: what live sampling, metrics, logs and catalogs fill. Conventions as in 001.sql. Each sample
-- carries the source it was recorded into, and the server it is about where there is one.

-- kind: postgresql, pgbouncer, pgpool, odyssey, other.
CREATE TABLE server_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, kind TEXT, name TEXT, host TEXT, port INTEGER, dbname TEXT,
  server_version TEXT, server_version_num INTEGER, system_identifier TEXT, timeline INTEGER, in_recovery INTEGER,
  postmaster_start_ns INTEGER, clock_difference_ns INTEGER, hidden TEXT);
CREATE TABLE statement_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, statement_id INTEGER, db_id, user_id,
  ts_ns INTEGER, calls INTEGER, total_ms REAL, mean_ms REAL, stddev_ms REAL, min_ms REAL, max_ms REAL, rows INTEGER,
  shared_hit INTEGER, shared_read INTEGER, temp_written INTEGER, plans INTEGER, wal_bytes INTEGER, epoch INTEGER,
  extra TEXT);
CREATE INDEX statement_sample_raw_statement ON statement_sample_raw (statement_id, ts_ns);
CREATE TABLE pool_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, pool_id, kind TEXT, instance_id, mode TEXT,
  ts_ns INTEGER, capacity REAL, active REAL, idle REAL, waiting REAL, max_wait_ms REAL, wait_p50_ms REAL,
  wait_p99_ms REAL, acquire_timeout_ms REAL, acquired REAL, created REAL, timeouts REAL, service_ms REAL,
  throughput REAL);
CREATE TABLE replica_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, replica_id, ts_ns INTEGER, state TEXT,
  sync_state TEXT, sent_position INTEGER, write_position INTEGER, flush_position INTEGER, replay_position INTEGER,
  wal_rate REAL, unsent_bytes INTEGER, unwritten_bytes INTEGER, unflushed_bytes INTEGER, unreplayed_bytes INTEGER,
  write_lag_ms REAL, flush_lag_ms REAL, replay_lag_ms REAL, link_age_ms REAL, paused INTEGER);
CREATE TABLE slot_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, slot_id, kind TEXT, ts_ns INTEGER,
  active INTEGER, retained_bytes INTEGER, wal_status TEXT, safe_wal_bytes INTEGER);
CREATE TABLE session_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, pid INTEGER, user_id, db_id,
  application_id, client_id, backend_type_id, state_id, wait_event_type_id, wait_event_id, xact_start_ns INTEGER,
  query_start_ns INTEGER, state_change_ns INTEGER, backend_xmin INTEGER, query_id INTEGER, statement_id INTEGER,
  leader_pid INTEGER);
CREATE INDEX session_sample_raw_statement ON session_sample_raw (statement_id) WHERE statement_id IS NOT NULL;
CREATE TABLE lock_edge_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, blocked_pid INTEGER,
  blocker_pid INTEGER, lock_type_id, mode_id, relation_id, waited_ms REAL);
CREATE TABLE queue_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, queue_id, partition_id, consumer_group_id,
  ts_ns INTEGER, depth REAL, arrived REAL, completed REAL, members REAL, assigned REAL, oldest_age_ms REAL,
  retention_ms REAL);
CREATE TABLE cache_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, cache_id, instance_id, ts_ns INTEGER,
  hits REAL, misses REAL, evictions REAL, expirations REAL, items REAL, used_bytes REAL, capacity_bytes REAL);
CREATE TABLE pause_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, instance_id, ts_ns INTEGER, duration_ns INTEGER, kind TEXT,
  cause TEXT, heap_before INTEGER, heap_after INTEGER);

-- Catalog: column names of pg_settings, pg_class/pg_stat_*, pg_index, pg_attribute/pg_stats, pg_constraint.
CREATE TABLE setting_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, name TEXT, setting TEXT,
  unit TEXT, category TEXT, context TEXT, vartype TEXT, source TEXT, min_val TEXT, max_val TEXT, boot_val TEXT,
  reset_val TEXT, pending_restart INTEGER);
CREATE TABLE db_table_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, oid INTEGER, dbname TEXT, schemaname TEXT,
  relname TEXT, relkind TEXT, relpersistence TEXT, reltuples REAL, relpages INTEGER, relallvisible INTEGER,
  relhastriggers INTEGER, relispartition INTEGER, parent_oid INTEGER, reloptions TEXT, relfrozenxid_age INTEGER,
  table_bytes INTEGER, index_bytes INTEGER, toast_bytes INTEGER);
CREATE TABLE db_index_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, indexrelid INTEGER, indrelid INTEGER,
  dbname TEXT, schemaname TEXT, relname TEXT, indexrelname TEXT, amname TEXT, indisunique INTEGER,
  indisprimary INTEGER, indisvalid INTEGER, indisready INTEGER, indkey TEXT, indnkeyatts INTEGER, indpred TEXT,
  indexdef TEXT, relpages INTEGER, reltuples REAL, index_bytes INTEGER, constraint_name TEXT);
CREATE TABLE db_column_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, attrelid INTEGER, dbname TEXT,
  schemaname TEXT, relname TEXT, attnum INTEGER, attname TEXT, format_type TEXT, attnotnull INTEGER,
  column_default TEXT, attstattarget INTEGER, null_frac REAL, avg_width INTEGER, n_distinct REAL, correlation REAL,
  most_common_vals TEXT, most_common_freqs TEXT);
CREATE TABLE db_constraint_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, dbname TEXT, schemaname TEXT, relname TEXT,
  conrelid INTEGER, conname TEXT, contype TEXT, convalidated INTEGER, conkey TEXT, confrelid INTEGER, confkey TEXT,
  confdeltype TEXT, constraintdef TEXT);
CREATE TABLE table_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, relid INTEGER, dbname_id,
  schemaname_id, relname_id, seq_scan INTEGER, seq_tup_read INTEGER, idx_scan INTEGER, idx_tup_fetch INTEGER,
  n_tup_ins INTEGER, n_tup_upd INTEGER, n_tup_del INTEGER, n_tup_hot_upd INTEGER, n_live_tup INTEGER,
  n_dead_tup INTEGER, n_mod_since_analyze INTEGER, n_ins_since_vacuum INTEGER, last_vacuum_ns INTEGER,
  last_autovacuum_ns INTEGER, last_analyze_ns INTEGER, last_autoanalyze_ns INTEGER, vacuum_count INTEGER,
  autovacuum_count INTEGER, heap_blks_read INTEGER, heap_blks_hit INTEGER, idx_blks_read INTEGER,
  idx_blks_hit INTEGER, table_bytes INTEGER);
CREATE TABLE index_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, indexrelid INTEGER,
  dbname_id, schemaname_id, relname_id, indexrelname_id, idx_scan INTEGER, idx_tup_read INTEGER,
  idx_tup_fetch INTEGER, idx_blks_read INTEGER, idx_blks_hit INTEGER, index_bytes INTEGER);
CREATE TABLE progress_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, command TEXT, pid INTEGER,
  dbname_id, relname_id, phase TEXT, done REAL, total REAL, extra TEXT);

CREATE TABLE log_entry_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, offset_seconds INTEGER,
  pid INTEGER, user_id, db_id, application_id, client_id, severity TEXT, sqlstate TEXT, kind TEXT, message TEXT,
  detail TEXT, hint TEXT, context TEXT, statement_id INTEGER, query_id INTEGER, duration_ms REAL);
CREATE INDEX log_entry_raw_statement ON log_entry_raw (statement_id) WHERE statement_id IS NOT NULL;
CREATE TABLE config_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, subject_kind TEXT, subject TEXT, parent TEXT, key TEXT,
  value TEXT, unit TEXT);
CREATE TABLE ddl_statement_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, position INTEGER, file TEXT, line INTEGER, kind TEXT,
  object TEXT, text TEXT, extra TEXT);
CREATE TABLE run_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, name TEXT, kind TEXT, start_ns INTEGER, end_ns INTEGER,
  tool TEXT, parameters TEXT);
CREATE TABLE run_phase_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, run_id INTEGER NOT NULL, position INTEGER, name TEXT,
  start_ns INTEGER, end_ns INTEGER, target_rate REAL, rate REAL, users REAL, requests INTEGER, errors INTEGER,
  p50_ms REAL, p95_ms REAL, p99_ms REAL, max_ms REAL);
