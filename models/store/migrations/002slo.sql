-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: service levels and resources. Derived tables, rebuilt by analyses.

-- Requests judged by the service level that holds in the workspace. origin: where they were counted: access_log, trace,
-- counters (requests by status code), load_test. is_chosen: 1 = the origin that the service level is about. is_stated: 0
-- = nobody stated an objective, the default holds. subject_kind: all (of the window), operation (of all time). subject:
-- NULL or "service: operation". objective: as text ("99.95 %"). limit_ms: of the duration, NULL = none. window_days.
-- first_ns, last_ns: requests. valid: good + bad. good: 2xx and 3xx within the limit. bad: slow (over the limit) + failed
-- (5xx, errors) + limited (429). excluded: other 4xx. unknown: without duration where there is a limit. good_share: good
-- of valid, NULL = no traffic. objective_share: 0..1. allowed: failures that the objective allows of valid. left_over:
-- allowed - bad. spent: bad / allowed. per_second: valid requests of all time. n: of them with a duration. p50_ms, p95_ms,
-- p99_ms: nearest rank. over_p99: longer than that. is_weighted: 1 = estimates from sampled traces.
CREATE TABLE slo_level (
  run_id INTEGER NOT NULL, origin TEXT, is_chosen INTEGER, is_stated INTEGER, subject_kind TEXT, subject TEXT,
  objective TEXT, limit_ms REAL, window_days INTEGER, first_ns INTEGER, last_ns INTEGER, valid INTEGER, good INTEGER,
  bad INTEGER, slow INTEGER, failed INTEGER, limited INTEGER, excluded INTEGER, unknown INTEGER, good_share REAL,
  objective_share REAL, allowed REAL, left_over REAL, spent REAL, per_second REAL, n INTEGER, p50_ms REAL, p95_ms REAL,
  p99_ms REAL, over_p99 INTEGER, is_weighted INTEGER);

-- The same a day (UTC). run_id, origin, is_chosen, valid ... left_over: as in slo_level. day_ns: its midnight.
CREATE TABLE slo_day (
  run_id INTEGER NOT NULL, origin TEXT, is_chosen INTEGER, day_ns INTEGER, valid INTEGER, good INTEGER, bad INTEGER,
  slow INTEGER, failed INTEGER, limited INTEGER, excluded INTEGER, good_share REAL, allowed REAL, left_over REAL);

-- Burn rates: failed share / (1 - objective) in a long and a short window at once. run_id, origin, is_chosen: as in
-- slo_level. long_s, short_s: seconds. threshold: both at or above it is an alert. worst: largest of the smaller of both,
-- NULL = the data are shorter than the long window. worst_at_ns. first_fired_ns, last_fired_ns: NULL = never.
-- is_covered: 1 = the data last as long as the long window.
CREATE TABLE slo_burn (
  run_id INTEGER NOT NULL, origin TEXT, is_chosen INTEGER, long_s INTEGER, short_s INTEGER, threshold REAL, worst REAL,
  worst_at_ns INTEGER, first_fired_ns INTEGER, last_fired_ns INTEGER, is_covered INTEGER);

-- Failures by cause. run_id, origin, is_chosen: as in slo_level. category: timeout, exhaustion, limiting, defect,
-- infrastructure, slow, other. detail: the largest part: who, and which status. failures; detail_failures: of detail.
-- share, cumulative: of all failures, 0..1, most first.
CREATE TABLE slo_cause (
  run_id INTEGER NOT NULL, origin TEXT, is_chosen INTEGER, category TEXT, detail TEXT, failures INTEGER,
  detail_failures INTEGER, share REAL, cumulative REAL);
