-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.0: internal tables. Readers use the views of schema.sql; these tables may change with any minor version.
--
-- Conventions. Every table that holds rows of a source has source_id. A column *_id without a declared type holds the
-- INTEGER id of a row of `string`, or the TEXT itself when interning was full or not worth it; the views resolve both.
-- Columns with words in the views and a type here (kind, status, state, ...) hold the numbers of store/rows.h.
-- Times are as the source writes them; the views add source_raw.offset_ns. Indexed columns have a declared type,
-- because SQLite does not use an index on an untyped column to join with an integer.

-- Key/value: layout, notes, filters of the window.
CREATE TABLE setting_kv (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

-- state: 0 importing, 1 recording, 2 complete, 3 cancelled, 4 broken. Only 1 and 2 show in the views.
-- rows_hash: running hash of the committed rows, so that resuming notices other bytes. partial: kept although cut off.
CREATE TABLE source_raw (
  id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, format TEXT NOT NULL, kind INTEGER, sha256 TEXT, bytes INTEGER,
  state INTEGER NOT NULL, rows_committed INTEGER NOT NULL DEFAULT 0, rows_hash INTEGER NOT NULL DEFAULT 0,
  rows_read INTEGER NOT NULL DEFAULT 0, rows_skipped INTEGER NOT NULL DEFAULT 0, imported_at_ns INTEGER,
  clock INTEGER, timezone TEXT, offset_ns INTEGER NOT NULL DEFAULT 0, offset_method TEXT NOT NULL DEFAULT 'none',
  duplicate_of INTEGER, partial INTEGER NOT NULL DEFAULT 0, writer_format INTEGER NOT NULL DEFAULT 0);
CREATE INDEX source_raw_sha256 ON source_raw (sha256) WHERE sha256 IS NOT NULL;

-- Rows of one family and source have consecutive ids per run: ordinal first_ordinal (1-based) has id first_id.
-- family: store::Family. Resuming and removing go by these.
CREATE TABLE source_run (
  source_id INTEGER NOT NULL, family INTEGER NOT NULL, first_ordinal INTEGER NOT NULL, first_id INTEGER NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY (source_id, family, first_ordinal)) WITHOUT ROWID;

CREATE TABLE generation (table_family TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE string (id INTEGER PRIMARY KEY, text TEXT);

CREATE TABLE import_issue_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, severity TEXT, kind TEXT, count INTEGER, first_offset INTEGER,
  example TEXT);
CREATE INDEX import_issue_raw_source ON import_issue_raw (source_id);
CREATE TABLE import_reject_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, offset INTEGER, length INTEGER, kind TEXT, reason TEXT,
  bytes BLOB);
CREATE INDEX import_reject_raw_source ON import_reject_raw (source_id);

-- Spans. shape: 0 nested, 1 linked, 2 async (TrackRow::Shape).
CREATE TABLE track (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, process_id, thread_id, service_id, instance_id,
  process_sort INTEGER, thread_sort INTEGER, shape INTEGER);
-- trace_key: BLOB of 16 bytes or TEXT.
CREATE TABLE trace_raw (id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, trace_key);
CREATE TABLE trace_calc (
  id INTEGER PRIMARY KEY, root_span_id INTEGER, start_ns INTEGER, duration_ns INTEGER, span_count INTEGER,
  error_count INTEGER, weight REAL);
-- span_key, parent_key: INTEGER = 16 hex digits, else TEXT. attributes: JSON object of the span's own long or
-- many-valued attributes, or NULL. quality: bits of SpanQuality.
CREATE TABLE span_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, track_id INTEGER, trace_id INTEGER, span_key, parent_key,
  operation_id, category_id, kind INTEGER, status INTEGER, http_status INTEGER, start_ns INTEGER,
  duration_ns INTEGER, resource_set INTEGER, scope_set INTEGER, attribute_set INTEGER, attributes TEXT,
  quality INTEGER);
-- Derived per source, same ids as span_raw. lane: extra row of drawing for spans that overlap their neighbours.
CREATE TABLE span_calc (
  id INTEGER PRIMARY KEY, parent_id INTEGER, depth INTEGER, self_ns INTEGER, gap_ns INTEGER, quality INTEGER,
  lane INTEGER);
CREATE TABLE attribute_set (id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL);
-- type: AttributeType. value: for texts INTEGER (string.id) or TEXT, else the value itself.
CREATE TABLE attribute_set_item (
  set_id INTEGER NOT NULL, position INTEGER NOT NULL, key_id, type INTEGER, value,
  PRIMARY KEY (set_id, position)) WITHOUT ROWID;
-- Where the attributes of a span lie: its three sets, then its own JSON.
CREATE TABLE attribute_part (id INTEGER PRIMARY KEY, scope TEXT);
INSERT INTO attribute_part VALUES (0, 'resource'), (1, 'scope'), (2, 'span'), (3, 'span');
-- Rows with track_id belong to the track: their span_id is derived (NULL before).
CREATE TABLE span_event_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, span_id INTEGER, track_id INTEGER, ts_ns INTEGER, name_id,
  attributes TEXT);
-- linked_trace_key: BLOB of 16 bytes or TEXT; linked_span_key as span_key. derived = 1: made from flow_raw.
CREATE TABLE span_link_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, span_id INTEGER, linked_trace_key, linked_span_key,
  linked_span_id INTEGER, attributes TEXT, derived INTEGER NOT NULL DEFAULT 0);
-- phase: 0 start, 1 step, 2 finish.
CREATE TABLE flow_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, phase INTEGER, bind_enclosing INTEGER, track_id INTEGER,
  ts_ns INTEGER, flow_key, span_id INTEGER);

-- Profiles. sample_count and total_weight are written at the end of the import, call_node_calc likewise.
CREATE TABLE profile_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, name_id, kind INTEGER, sample_type_id, unit_id, period INTEGER,
  start_ns INTEGER, duration_ns INTEGER, sample_count INTEGER, total_weight REAL);
CREATE TABLE frame_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, function_id, module_id, file_id, line INTEGER);
CREATE TABLE call_node_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, profile_id INTEGER, parent_id INTEGER, frame_id INTEGER,
  depth INTEGER);
CREATE TABLE call_node_calc (
  id INTEGER PRIMARY KEY, self_weight REAL, total_weight REAL, sample_count INTEGER);
CREATE TABLE sample_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, profile_id INTEGER, ts_ns INTEGER, thread_id, state_id,
  call_node_id INTEGER, weight REAL, count INTEGER);

-- Statements are shared by all sources; rows nobody uses go when a source is removed.
CREATE TABLE statement_raw (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, text TEXT);

-- Plans. node: 0-based number of the node in its plan, parent the same (NULL for the root).
CREATE TABLE plan_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, engine TEXT, server_version TEXT, statement_id INTEGER,
  captured_at_ns INTEGER, planning_ms REAL, execution_ms REAL, duration_ms REAL, total_cost REAL,
  settings TEXT, query_text TEXT, source_text TEXT, format TEXT, extra TEXT, saved_good INTEGER NOT NULL DEFAULT 0);
CREATE INDEX plan_raw_statement ON plan_raw (statement_id);
CREATE TABLE plan_node_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, plan_id INTEGER NOT NULL, node INTEGER NOT NULL, parent INTEGER,
  position INTEGER, depth INTEGER, node_type TEXT, parent_relationship TEXT, subplan_name TEXT, join_type TEXT,
  relation TEXT, schema TEXT, alias TEXT, index_name TEXT, condition TEXT, filter TEXT, plan_rows REAL,
  plan_width INTEGER, startup_cost REAL, total_cost REAL, actual_rows REAL, rows_removed_by_filter REAL,
  rows_removed_by_join_filter REAL, rows_removed_by_index_recheck REAL, loops REAL, startup_ms REAL, total_ms REAL,
  wall_ms REAL, self_ms REAL, doubt_ms REAL, shared_hit INTEGER, shared_read INTEGER, shared_dirtied INTEGER,
  shared_written INTEGER, local_hit INTEGER, local_read INTEGER, local_dirtied INTEGER, local_written INTEGER,
  temp_read INTEGER, temp_written INTEGER, self_shared_hit INTEGER, self_shared_read INTEGER, io_read_ms REAL,
  io_write_ms REAL, wal_bytes INTEGER, sort_kb INTEGER, sort_disk INTEGER, hash_batches INTEGER,
  heap_fetches INTEGER, exact_blocks INTEGER, lossy_blocks INTEGER, workers_planned INTEGER,
  workers_launched INTEGER, source_line INTEGER, extra TEXT);
CREATE INDEX plan_node_raw_plan ON plan_node_raw (plan_id, node);
CREATE TABLE plan_worker_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, plan_id INTEGER NOT NULL, node INTEGER NOT NULL,
  worker INTEGER, startup_ms REAL, total_ms REAL, rows REAL, loops REAL, extra TEXT);
CREATE INDEX plan_worker_raw_plan ON plan_worker_raw (plan_id, node);
CREATE TABLE plan_trigger_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, plan_id INTEGER NOT NULL, name TEXT, relation TEXT,
  constraint_name TEXT, time_ms REAL, calls REAL);
CREATE INDEX plan_trigger_raw_plan ON plan_trigger_raw (plan_id);
CREATE TABLE plan_condition_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, plan_node_id INTEGER NOT NULL, place TEXT, column_name TEXT,
  operator TEXT, wrapped_in TEXT, literal TEXT, ordinal INTEGER);
CREATE INDEX plan_condition_raw_node ON plan_condition_raw (plan_node_id);

-- Series. kind: SeriesKind.
CREATE TABLE series_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, metric_id, foreign_name_id, service_id, instance_id, role_id,
  labels TEXT, unit_id, kind INTEGER, track_id INTEGER);
CREATE TABLE point_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, series_id INTEGER NOT NULL, ts_ns INTEGER, value REAL);
CREATE TABLE histogram_point_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, series_id INTEGER NOT NULL, ts_ns INTEGER, upper_bound REAL,
  count REAL);
-- source_id NULL: a note made in the window; such rows take ids from 2^40 on, which imports leave alone.
CREATE TABLE event_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER, ts_ns INTEGER, end_ns INTEGER, kind TEXT, service TEXT,
  title TEXT, detail TEXT, offset_seconds INTEGER);
CREATE INDEX event_raw_ts ON event_raw (ts_ns);

CREATE TABLE budget_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER, name TEXT, target_ms REAL, percentile TEXT, margin REAL);
CREATE TABLE budget_component_raw (
  id INTEGER PRIMARY KEY, budget_id INTEGER NOT NULL, position INTEGER, parallel_group INTEGER, name TEXT,
  match TEXT, budget_ms REAL, timeout_ms REAL);
CREATE INDEX budget_component_raw_budget ON budget_component_raw (budget_id);

-- Stored pictures: kind and key are of their makers in analysis/.
CREATE TABLE pyramid (
  source_id INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, data BLOB,
  PRIMARY KEY (source_id, kind, key)) WITHOUT ROWID;
