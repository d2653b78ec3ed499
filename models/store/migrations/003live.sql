-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.2: what an attached server tells beyond what files of it do.

-- Columns as in the views.
ALTER TABLE server_raw ADD COLUMN extra TEXT;
ALTER TABLE session_sample_raw ADD COLUMN backend_start_ns INTEGER;
ALTER TABLE session_sample_raw ADD COLUMN xid_age INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN last_seq_scan_ns INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN last_idx_scan_ns INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN n_tup_newpage_upd INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN analyze_count INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN autoanalyze_count INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN relfrozenxid_age INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN index_bytes INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN toast_bytes INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN bloat_bytes INTEGER;
ALTER TABLE table_sample_raw ADD COLUMN bloat_doubt TEXT;
ALTER TABLE table_sample_raw ADD COLUMN extra TEXT;
ALTER TABLE index_sample_raw ADD COLUMN last_idx_scan_ns INTEGER;
ALTER TABLE index_sample_raw ADD COLUMN bloat_bytes INTEGER;
ALTER TABLE index_sample_raw ADD COLUMN bloat_doubt TEXT;
ALTER TABLE lock_edge_raw ADD COLUMN granted_mode_id;
CREATE TABLE xmin_holder_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, kind TEXT, name TEXT,
  pid INTEGER, db_id, user_id, xmin_age INTEGER, xid_age INTEGER, since_ns INTEGER, detail TEXT);
CREATE TABLE wait_sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, origin TEXT,
  wait_event_type_id, wait_event_id, query_id INTEGER, statement_id INTEGER, backend_type_id, samples REAL,
  interval_ms REAL);

-- A recording is read at moments while it is written.
CREATE INDEX session_sample_raw_time ON session_sample_raw (ts_ns);
CREATE INDEX lock_edge_raw_time ON lock_edge_raw (ts_ns);
CREATE INDEX statement_sample_raw_time ON statement_sample_raw (ts_ns);
CREATE INDEX table_sample_raw_relation ON table_sample_raw (relid, ts_ns);
CREATE INDEX index_sample_raw_index ON index_sample_raw (indexrelid, ts_ns);
CREATE INDEX progress_sample_raw_time ON progress_sample_raw (ts_ns);
CREATE INDEX xmin_holder_raw_time ON xmin_holder_raw (ts_ns);
CREATE INDEX wait_sample_raw_time ON wait_sample_raw (ts_ns);
CREATE INDEX pool_sample_raw_time ON pool_sample_raw (ts_ns);
CREATE INDEX replica_sample_raw_time ON replica_sample_raw (ts_ns);
