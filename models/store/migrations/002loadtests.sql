-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: load tests.

-- Derived tables, rebuilt by an analysis. run_id: analysis_run.id; load_run_id: run.id.
-- Phases of load tests. position. name: in words. kind: whole, ramp, hold, spike, soak, step. is_found: 1 = recognised
-- from users or requests, with figures of the requests; 0 = as the tool states it. is_steady: 1 = limits are judged here
-- (no ramps, no spikes). start_ns, end_ns. users: of a ramp at its end. rate: requests/s. target_rate. requests, errors,
-- error_share: 0..1. n: durations behind the percentiles, NULL = the tool's own. p50_ms, p95_ms, p99_ms: nearest rank;
-- max_ms; mean_ms.
CREATE TABLE load_phase (
  run_id INTEGER NOT NULL, load_run_id INTEGER, position INTEGER, name TEXT, kind TEXT, is_found INTEGER,
  is_steady INTEGER, start_ns INTEGER, end_ns INTEGER, users REAL, rate REAL, target_rate REAL, requests INTEGER,
  errors INTEGER, error_share REAL, n INTEGER, p50_ms REAL, p95_ms REAL, p99_ms REAL, max_ms REAL, mean_ms REAL);
-- Throughput over concurrency. users; per_second: completions. fitted: by the Universal Scalability Law, NULL = no fit.
-- of_all_runs: 1 = the levels are of several runs, one alone has too few.
CREATE TABLE load_point (
  run_id INTEGER NOT NULL, load_run_id INTEGER, users REAL, per_second REAL, fitted REAL, of_all_runs INTEGER);
-- One row a load test. name, tool, start_ns, end_ns: as in run. loop: open, closed, unknown; loop_reason: stated or found
-- and how. omission: of coordinated omission: suspect (requests stopped starting in stalls), possible, corrected, no,
-- unknown. stalls, stalled_ms: times with far longer requests. starts_expected: in them at the usual rate; starts: there
-- were. corrected_p99_ms: as an open generator would have seen it, estimated. rate_latency: rank correlation at steady
-- load. levels: of concurrency. knee_users: the first level with 95 % of the peak. peak_users, peak_per_second.
-- last_share: throughput of the last level / peak. is_collapse: below 0.9. is_peak_reached: 0 = the last level is the
-- peak. usl_lambda, usl_sigma, usl_kappa: Universal Scalability Law; usl_r2; usl_fits: 1 = it describes the levels;
-- usl_best_users: its maximum.
CREATE TABLE load_verdict (
  run_id INTEGER NOT NULL, load_run_id INTEGER, name TEXT, tool TEXT, start_ns INTEGER, end_ns INTEGER, loop TEXT,
  loop_reason TEXT, omission TEXT, stalls INTEGER, stalled_ms REAL, starts_expected REAL, starts INTEGER,
  corrected_p99_ms REAL, rate_latency REAL, levels INTEGER, knee_users REAL, peak_users REAL, peak_per_second REAL,
  last_share REAL, is_collapse INTEGER, is_peak_reached INTEGER, usl_lambda REAL, usl_sigma REAL, usl_kappa REAL,
  usl_r2 REAL, usl_fits INTEGER, usl_best_users REAL);
-- Does a test resemble production? Only points that the files tell. item: in words. is_met: 1 = no difference. test,
-- production: values in words, production NULL = a rule of thumb.
CREATE TABLE load_validity (
  run_id INTEGER NOT NULL, load_run_id INTEGER, item TEXT, is_met INTEGER, test TEXT, production TEXT);
-- Slopes of the longest steady phase. measure: p95_ms or the metric of a series (memory); series_id; unit; per_hour:
-- Theil-Sen; lower, upper: 95 % interval; level: median; hours: length; relative: change over the phase / level;
-- start_ns, end_ns.
CREATE TABLE load_slope (
  run_id INTEGER NOT NULL, load_run_id INTEGER, measure TEXT, series_id INTEGER, unit TEXT, per_hour REAL, lower REAL,
  upper REAL, level REAL, hours REAL, relative REAL, start_ns INTEGER, end_ns INTEGER);

-- run_phase, continued; columns as in the view.
ALTER TABLE run_phase_raw ADD COLUMN kind TEXT;
ALTER TABLE run_phase_raw ADD COLUMN mean_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN p90_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN min_ms REAL;
ALTER TABLE run_phase_raw ADD COLUMN extra TEXT;
