-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.0, continued: derived tables. They are public under their own names (no view stands before them), rebuilt
-- from the rest by analyses, and never hand-edited. Every row carries the analysis_run it comes from; a row is stale
-- when that run's input_generation is below the sum of the generations of its inputs.
-- Words used below: subject_kind/subject name what a row is about ("operation", "series", "pool", ... and its name).

-- One run of an analysis. kind: name of the analysis. version: of its code. parameters: JSON. input_generation: sum
-- of generation.n over its input families when it read them. state: running, done, failed, cancelled. seconds: cost.
CREATE TABLE analysis_run (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, parameters TEXT, input_generation INTEGER,
  state TEXT NOT NULL, seconds REAL);

-- Durations per operation. service, operation: as in span. instance: NULL = all. range_start_ns, range_end_ns: NULL =
-- all time. n: spans with a known duration; unknown: without. weight: sum of weights (= n when unweighted). errors:
-- spans with status error. p50_ns .. p999_ns: nearest rank. total_ns, self_ns: sums over the n spans.
CREATE TABLE operation_stat (
  run_id INTEGER NOT NULL, service TEXT, operation TEXT, instance TEXT, range_start_ns INTEGER,
  range_end_ns INTEGER, n INTEGER, unknown INTEGER, weight REAL, errors INTEGER, min_ns INTEGER, p50_ns INTEGER,
  p90_ns INTEGER, p95_ns INTEGER, p99_ns INTEGER, p999_ns INTEGER, max_ns INTEGER, mean_ns REAL, total_ns INTEGER,
  self_ns INTEGER);
CREATE INDEX operation_stat_run ON operation_stat (run_id, service, operation);
-- A series in a range. first_ts_ns, last_ts_ns: of its points there. p50, p95, p99: nearest rank of values. last: the
-- last value. slope_per_s: least squares. gaps: holes longer than three times the usual distance.
CREATE TABLE series_stat (
  run_id INTEGER NOT NULL, series_id INTEGER, range_start_ns INTEGER, range_end_ns INTEGER, n INTEGER,
  first_ts_ns INTEGER, last_ts_ns INTEGER, min REAL, max REAL, mean REAL, p50 REAL, p95 REAL, p99 REAL, last REAL,
  slope_per_s REAL, gaps INTEGER);
CREATE INDEX series_stat_series ON series_stat (series_id, run_id);
-- Time inside a span in which no child runs. before_span_id, after_span_id: neighbours, NULL at the edges.
CREATE TABLE trace_gap (
  run_id INTEGER NOT NULL, trace_id INTEGER, span_id INTEGER, start_ns INTEGER, duration_ns INTEGER,
  before_span_id INTEGER, after_span_id INTEGER);
CREATE INDEX trace_gap_trace ON trace_gap (trace_id);
-- The critical path of a trace in time order. kind: self, wait. share: of the trace's duration, 0..1.
CREATE TABLE critical_segment (
  run_id INTEGER NOT NULL, trace_id INTEGER, position INTEGER, span_id INTEGER, kind TEXT, start_ns INTEGER,
  duration_ns INTEGER, share REAL);
CREATE INDEX critical_segment_trace ON critical_segment (trace_id, position);
-- Like calls below one parent. kind: n_plus_one, sequential, retry, chatty, fan_out. parent_id: the span that calls.
-- fingerprint: of the statement or operation. n: calls. total_ns: their sum. saving_ns: what batching or running them
-- side by side would save. first_span_id: one of them. max_parallel: calls at the same time.
CREATE TABLE call_group (
  run_id INTEGER NOT NULL, kind TEXT, trace_id INTEGER, parent_id INTEGER, fingerprint TEXT, operation TEXT,
  n INTEGER, total_ns INTEGER, saving_ns INTEGER, first_span_id INTEGER, max_parallel INTEGER);
CREATE INDEX call_group_trace ON call_group (trace_id);
-- What slow requests have in common. scope, key, value: the attribute. slow_n of slow_total, all_n of all_total.
-- lift: share among slow / share among all. coverage: share among slow. score: coverage * log2(lift).
CREATE TABLE cohort_difference (
  run_id INTEGER NOT NULL, scope TEXT, key TEXT, value TEXT, slow_n INTEGER, slow_total INTEGER, all_n INTEGER,
  all_total INTEGER, lift REAL, coverage REAL, p_value REAL, score REAL, example_trace_id INTEGER);
-- First time a measure left its baseline. ordinal: order over subjects (1 = earliest). ratio: after / before.
CREATE TABLE onset (
  run_id INTEGER NOT NULL, subject_kind TEXT, subject TEXT, metric TEXT, ts_ns INTEGER, before REAL, after REAL,
  ratio REAL, ordinal INTEGER, margin_bins REAL);
-- Pettitt test. k, p_value: of the test. event_id: nearest marker within five minutes.
CREATE TABLE change_point (
  run_id INTEGER NOT NULL, series_id INTEGER, subject_kind TEXT, subject TEXT, ts_ns INTEGER, n INTEGER, k REAL,
  p_value REAL, median_before REAL, median_after REAL, event_id INTEGER);
-- Excursions at even distances. matches: the known period it equals ("checkpoint_timeout").
CREATE TABLE periodicity (
  run_id INTEGER NOT NULL, series_id INTEGER, subject_kind TEXT, subject TEXT, period_ns INTEGER, strength REAL,
  excursions INTEGER, matches TEXT);
-- A series that stays flat at a limit. setting, limit_value: the limit it equals; NULL when none is known.
CREATE TABLE ceiling (
  run_id INTEGER NOT NULL, series_id INTEGER, subject_kind TEXT, subject TEXT, value REAL, start_ns INTEGER,
  end_ns INTEGER, samples INTEGER, setting TEXT, limit_value REAL, confidence REAL);
-- Shape of a tail over time. kind: periodic, plateau, sporadic, unknown.
CREATE TABLE tail_shape (
  run_id INTEGER NOT NULL, subject_kind TEXT, subject TEXT, kind TEXT, start_ns INTEGER, end_ns INTEGER,
  excursions INTEGER, period_ns INTEGER, p50_ns INTEGER, p99_ns INTEGER, ratio REAL);
-- Expected values outside flagged intervals. hour: hour of day (UTC), NULL = all day.
CREATE TABLE baseline (
  run_id INTEGER NOT NULL, subject_kind TEXT, subject TEXT, metric TEXT, hour INTEGER, value REAL, n INTEGER,
  start_ns INTEGER, end_ns INTEGER);
-- State of a pool in a range. verdict: idle, healthy, near_limit, saturated, exhausted, unknown. utilisation: 0..1.
-- needed: capacity for utilisation 0.7. throughput_cap: capacity / service time, per second.
CREATE TABLE pool_verdict (
  run_id INTEGER NOT NULL, source_id INTEGER, server_id INTEGER, pool TEXT, instance TEXT, start_ns INTEGER,
  end_ns INTEGER, verdict TEXT, n INTEGER, capacity REAL, utilisation REAL, saturated_share REAL, service_ms REAL,
  wait_ms REAL, needed REAL, throughput_cap REAL);
-- State of a replica in a range. verdict: current, behind, growing, paused, disconnected, unknown. stage: unsent,
-- unwritten, unflushed, unreplayed. catch_up_s: at the present rates; NULL = never.
CREATE TABLE lag_verdict (
  run_id INTEGER NOT NULL, server_id INTEGER, replica TEXT, start_ns INTEGER, end_ns INTEGER, verdict TEXT,
  stage TEXT, lag_ms REAL, lag_bytes INTEGER, catch_up_s REAL, cause TEXT);
-- A session that waits for nobody and blocks others. victims: blocked sessions, depth: longest chain below it.
CREATE TABLE lock_root (
  run_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, root_pid INTEGER, state TEXT, victims INTEGER,
  depth INTEGER, waited_ms REAL, statement_id INTEGER);
-- Nodes of two plans that mean the same. kind: same, changed, added, removed. node_id, other_node_id: plan_node.id.
CREATE TABLE plan_match (
  run_id INTEGER NOT NULL, plan_id INTEGER, other_plan_id INTEGER, node_id INTEGER, other_node_id INTEGER,
  kind TEXT, similarity REAL, self_ms_difference REAL);
-- Two sides of a measure. lower, upper: 95 % interval of the difference (b - a). verdict: better, worse, same, unknown.
CREATE TABLE comparison (
  run_id INTEGER NOT NULL, subject_kind TEXT, subject TEXT, metric TEXT, a REAL, b REAL, n_a INTEGER, n_b INTEGER,
  difference REAL, lower REAL, upper REAL, p_value REAL, verdict TEXT);

-- What the advisor found. rule_id, rule_version: the rule file. severity: good, info, warning, critical. subject_kind,
-- subject_id: what it is about. evidence: JSON object. gain_ms: time to win. doubt: 0..1. cause_id: the finding that
-- explains this one. state: open, muted, refuted.
CREATE TABLE finding (
  id INTEGER PRIMARY KEY, rule_id TEXT NOT NULL, rule_version INTEGER, severity TEXT, subject_kind TEXT, subject_id,
  title TEXT, summary TEXT, evidence TEXT, start_ns INTEGER, end_ns INTEGER, gain_ms REAL, doubt REAL,
  cause_id INTEGER, state TEXT NOT NULL DEFAULT 'open');
CREATE INDEX finding_rule ON finding (rule_id);
-- Last run of each rule. state: "ran", "not evaluated: needs X", "timed out", "muted". seconds: cost. rows: findings.
CREATE TABLE rule_run (
  id INTEGER PRIMARY KEY, rule_id TEXT NOT NULL, state TEXT NOT NULL, seconds REAL, rows INTEGER,
  input_generation INTEGER);
CREATE INDEX rule_run_rule ON rule_run (rule_id);
