-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: logs of servers, statements and plans over time.

-- pattern_id: the message without what differs from line to line, as text columns elsewhere.
ALTER TABLE log_entry_raw ADD COLUMN pattern_id;
CREATE INDEX log_entry_raw_kind ON log_entry_raw (kind) WHERE kind IN ('deadlock', 'lock_wait');
-- normalized: the text with $1, $2, ... for its literals; NULL = not made yet.
ALTER TABLE statement_raw ADD COLUMN normalized TEXT;

-- A process of a deadlock, as the server reports the cycle.
CREATE TABLE deadlock_member_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, log_id INTEGER, deadlock INTEGER,
  position INTEGER, ts_ns INTEGER, pid INTEGER, waits_for_pid INTEGER, lock_type_id, mode_id, relation_id,
  waits_for TEXT, query_text TEXT, statement_id INTEGER);
CREATE INDEX deadlock_member_raw_log ON deadlock_member_raw (log_id);

-- What is known of a statement, from one kind of evidence. origin: stat (differences of pg_stat_statements), log
-- (durations in a server log), span (spans whose db.query.text it is). calls: executions seen. total_ms, mean_ms,
-- p50_ms, p99_ms, max_ms: time; percentiles are nearest rank, NULL where the evidence has none. rows: all rows.
-- shared_hit, shared_read, temp_written: blocks. wal_bytes. plans: captured plans of it. share: part of the total time
-- of its origin. verdict: index, batch, cache, leave, unknown. reason: why, in one line. first_ns, last_ns: seen.
CREATE TABLE statement_stat (
  run_id INTEGER NOT NULL, statement_id INTEGER, origin TEXT, calls INTEGER, total_ms REAL, mean_ms REAL, p50_ms REAL,
  p99_ms REAL, max_ms REAL, rows INTEGER, shared_hit INTEGER, shared_read INTEGER, temp_written INTEGER,
  wal_bytes INTEGER, plans INTEGER, share REAL, verdict TEXT, reason TEXT, first_ns INTEGER, last_ns INTEGER);
CREATE INDEX statement_stat_statement ON statement_stat (statement_id);
-- Who runs a statement, from the comments in its text (tenant_id='42'). origin: log, span. calls, total_ms: with it.
CREATE TABLE statement_tag (
  run_id INTEGER NOT NULL, statement_id INTEGER, key TEXT, value TEXT, origin TEXT, calls INTEGER, total_ms REAL);
-- The shape of a plan: a hash of its tree without figures and literals. time_ms: what it took, NULL = not executed.
CREATE TABLE plan_shape (
  run_id INTEGER NOT NULL, plan_id INTEGER, statement_id INTEGER, shape TEXT, ts_ns INTEGER, time_ms REAL);
CREATE INDEX plan_shape_plan ON plan_shape (plan_id);
-- A statement whose plan changed. ts_ns: when the new shape was first seen. plan_id, other_plan_id: the last plan
-- before and the first after. n, other_n: plans of either side that were executed; median_ms, other_median_ms: their
-- times. factor: other_median_ms / median_ms. summary: what changed, in one sentence.
CREATE TABLE plan_change (
  run_id INTEGER NOT NULL, statement_id INTEGER, ts_ns INTEGER, plan_id INTEGER, other_plan_id INTEGER, n INTEGER,
  other_n INTEGER, median_ms REAL, other_median_ms REAL, factor REAL, summary TEXT);
CREATE INDEX plan_match_plan ON plan_match (plan_id, other_plan_id);
-- An index that a node of a plan asks for. plan_node_id: plan_node.id. rank: 1 = the one to try first; behind it a
-- partial and a covering one. columns: in order, joined by ", ". include, predicate: further parts, NULL = none.
-- equality: how many of the columns are compared by "=". reason: why this order, or why no index helps. existing: the
-- index that starts alike or serves already, NULL = the catalog is unknown or there is none. table_indexes: indexes the
-- table has now, NULL = unknown. gain_ms: self time of the node that would mostly vanish. ddl: the statement to try,
-- NULL = none helps.
CREATE TABLE index_candidate (
  run_id INTEGER NOT NULL, plan_node_id INTEGER, rank INTEGER, schema TEXT, relation TEXT, columns TEXT, include TEXT,
  predicate TEXT, equality INTEGER, reason TEXT, existing TEXT, table_indexes INTEGER, gain_ms REAL, ddl TEXT);
CREATE INDEX index_candidate_node ON index_candidate (plan_node_id);
-- Lines of server logs by pattern. n: lines. example_id: log_entry.id of one of them. total_ms: sum of durations.
CREATE TABLE log_pattern (
  run_id INTEGER NOT NULL, source_id INTEGER, kind TEXT, severity TEXT, sqlstate TEXT, pattern TEXT, n INTEGER,
  first_ns INTEGER, last_ns INTEGER, example_id INTEGER, total_ms REAL);
-- What the text of a statement says of its shape, by PostgreSQL's grammar. kind: select, insert, update, delete, merge,
-- analyze (VACUUM ANALYZE too), vacuum, ddl, utility; unknown = the grammar refuses it and all else is NULL. Lists are
-- joined by ", "; NULL = none. tables: relations in it. target: the one that it writes, or locks by FOR UPDATE. star: 1 =
-- SELECT * at the top. columns: of the result, NULL with a star. joins: relations at the top beyond the first. has_limit,
-- has_offset: 1 = yes; limit_rows, offset_rows: where they are literals. order_by: columns, "?" for an expression.
-- order_relation: of the last of them. equal_columns, range_columns: compared in WHERE by "=" and by others, outside OR.
-- aggregate: 1 = an aggregate function among the results. grouped: 1 = GROUP BY. count_star: 1 = counts rows and nothing
-- else. inserted_rows: of VALUES. locks: update, no key update, share, key share. skip_locked: 1 = SKIP LOCKED.
-- changed_columns: of UPDATE ... SET.
CREATE TABLE statement_fact (
  run_id INTEGER NOT NULL, statement_id INTEGER, kind TEXT, tables TEXT, target TEXT, star INTEGER, columns INTEGER,
  joins INTEGER, has_limit INTEGER, limit_rows INTEGER, has_offset INTEGER, offset_rows INTEGER, order_by TEXT,
  order_relation TEXT, equal_columns TEXT, range_columns TEXT, aggregate INTEGER, grouped INTEGER, count_star INTEGER,
  inserted_rows INTEGER, locks TEXT, skip_locked INTEGER, changed_columns TEXT);
CREATE INDEX statement_fact_statement ON statement_fact (statement_id);
