-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: series and what analyses find in them.

-- Tables of 001derived.sql, continued: rows of imported series. series_id: series.id, NULL = made from spans, then with
-- subject_kind "operation" or "service". subject: metric with service, instance and labels. metric: what was judged:
-- value, or rate (per second, of counters; resets count from 0). bin_ns: width of the bins, bin_n: median of the points
-- in one. A row is kept for at most 5,000 series a kind, the most striking first (series_kept says how many there were).
-- series_stat.measure: value or rate, as metric. Of it are min, max, mean, percentiles, last and slope_per_s.
-- tail_shape.p50_ns, p99_ns are median and maximum in ns for durations, else NULL; ratio holds for all.
-- ceiling.subject_kind: series. verdict: ceiling, or flat: at a limit, but nothing says that demand grew. driver_id:
-- series.id of what grew, driver: its name, driver_before, driver_after: its medians. unit: of value and limit_value.
-- baseline.value: median of the hour over the last seven unflagged days, n: of those days; metric, subject: as above.
ALTER TABLE series_stat ADD COLUMN measure TEXT;
ALTER TABLE tail_shape ADD COLUMN series_id INTEGER;
ALTER TABLE baseline ADD COLUMN series_id INTEGER;
ALTER TABLE ceiling ADD COLUMN verdict TEXT;
ALTER TABLE ceiling ADD COLUMN driver_id INTEGER;
ALTER TABLE ceiling ADD COLUMN driver TEXT;
ALTER TABLE ceiling ADD COLUMN driver_before REAL;
ALTER TABLE ceiling ADD COLUMN driver_after REAL;
ALTER TABLE ceiling ADD COLUMN unit TEXT;
CREATE INDEX ceiling_series ON ceiling (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX change_point_series ON change_point (series_id) WHERE series_id IS NOT NULL;

-- A stretch in which a series left what it usually is at that hour. kind: low (below half for 15 minutes), zero, high
-- (a duration above twice for 5 minutes). expected, value: medians over the stretch. share: value / expected. is_open: 1 =
-- lasts until the end of the series. hours: length.
CREATE TABLE series_departure (
  run_id INTEGER NOT NULL, series_id INTEGER, subject TEXT, metric TEXT, kind TEXT, start_ns INTEGER, end_ns INTEGER,
  expected REAL, value REAL, share REAL, is_open INTEGER, hours REAL, bin_ns INTEGER);
CREATE INDEX series_departure_series ON series_departure (series_id);
-- What an analysis of series looked at and what it kept. what: series, change_point, ... found: there were. kept: have a
-- row.
CREATE TABLE series_kept (run_id INTEGER NOT NULL, what TEXT, found INTEGER, kept INTEGER);

-- A container that was stopped by its quota. subject: service and instance. periods, throttled: quota periods over all
-- the time, share: throttled / periods. worst_share: of the worst five minutes, which begin at worst_ns. throttled_s: time
-- it stood still, stall_ms: per throttled period; NULL = not in the input. cpu: median utilisation (0..1) in that time.
CREATE TABLE cpu_throttle (
  run_id INTEGER NOT NULL, series_id INTEGER, subject TEXT, service TEXT, instance TEXT, periods REAL, throttled REAL,
  share REAL, worst_share REAL, worst_ns INTEGER, throttled_s REAL, stall_ms REAL, cpu REAL, start_ns INTEGER,
  end_ns INTEGER);
-- The processors while something was slow. series_id, subject: the utilisation (0..1). latency_id, latency: the series of
-- durations that was above twice its median (latency_usual_ms) in slow_bins bins; latency_slow_ms: its median there.
-- cpu_slow, cpu_usual: medians then and otherwise. verdict: computing (above 0.7), waiting (below 0.3), mixed.
CREATE TABLE cpu_verdict (
  run_id INTEGER NOT NULL, series_id INTEGER, subject TEXT, service TEXT, instance TEXT, latency_id INTEGER,
  latency TEXT, slow_bins INTEGER, start_ns INTEGER, end_ns INTEGER, latency_usual_ms REAL, latency_slow_ms REAL,
  cpu_slow REAL, cpu_usual REAL, verdict TEXT);
-- How the floor of a memory series grows (Theil and Sen). part: resident, heap, off_heap, other. used: the line at the end,
-- limit_value: of the same thing, NULL = unknown. slope_per_h with its 95 % interval lower_per_h .. upper_per_h. verdict:
-- rising, or level (the interval holds 0). hours: seen. hours_left: until the limit, NULL = never or unknown. load_slope: 1 =
-- demand rises too, 0 = it does not, NULL = unknown.
CREATE TABLE memory_trend (
  run_id INTEGER NOT NULL, series_id INTEGER, subject TEXT, service TEXT, instance TEXT, part TEXT, used REAL,
  limit_value REAL, slope_per_h REAL, lower_per_h REAL, upper_per_h REAL, verdict TEXT, hours REAL, hours_left REAL,
  load_slope INTEGER, start_ns INTEGER, end_ns INTEGER);
-- Pauses of a process. instance: NULL = not said. n: pauses, n_full: of a kind named full. total_ns: their sum, share: of
-- the time from the first to the last. interval_ns: median distance. requests: traces looked at (of that instance where
-- both say which), touched: overlapped by a pause, touched_share; request_p50_ns: their P50; model_share: (pause +
-- request) / interval. rate_id, rate: the busiest counter of the same source, events per second, lost: events in a median
-- pause (of those after the change). change_ns: where the length of pauses changed (Pettitt, p_value), NULL = it did not; before_* and after_*: medians of
-- duration, heap before a collection, P99, pauses per hour and share of time on both sides.
CREATE TABLE pause_stat (
  run_id INTEGER NOT NULL, source_id INTEGER, instance TEXT, n INTEGER, n_full INTEGER, start_ns INTEGER,
  end_ns INTEGER, total_ns INTEGER, share REAL, p50_ns INTEGER, p99_ns INTEGER, max_ns INTEGER, interval_ns INTEGER,
  requests INTEGER, touched INTEGER, touched_share REAL, request_p50_ns INTEGER, model_share REAL, rate_id INTEGER,
  rate TEXT, events REAL, lost REAL, change_ns INTEGER, p_value REAL, before_p50_ns INTEGER, after_p50_ns INTEGER,
  before_p99_ns INTEGER, after_p99_ns INTEGER, before_heap REAL, after_heap REAL, before_per_h REAL, after_per_h REAL,
  before_share REAL, after_share REAL);
