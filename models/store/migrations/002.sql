-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: what the analyses of traces, cohorts and comparisons write. New columns of derived tables and new derived
-- tables; all of it is rebuilt from the rest, so that an older workspace only has to be analysed again.

-- trace_gap, continued. place: before_first, between, after_last (of the children of span_id). class: what the time
-- probably is: network, wait, processing, unknown. share: of the duration of the trace, 0..1. critical_ns: how much of
-- the gap lies on the critical path. Of every trace the longest gaps that reach 1 ms or 1 % of it, at most eight.
-- start_ns: with the clock corrected by up to trace_time.skew_ns.
ALTER TABLE trace_gap ADD COLUMN place TEXT;
ALTER TABLE trace_gap ADD COLUMN class TEXT;
ALTER TABLE trace_gap ADD COLUMN share REAL;
ALTER TABLE trace_gap ADD COLUMN critical_ns INTEGER;

-- critical_segment, continued. class: network, wait, processing, unknown. kind: self, or gap where no child of the span
-- runs although it has some. Of some traces only: the slowest of every root operation and an even sample; of a trace
-- at most 1,000 segments, the longest, with position as in the whole path. start_ns: with the clock corrected by up to
-- trace_time.skew_ns.
ALTER TABLE critical_segment ADD COLUMN class TEXT;

-- Where the time of one trace goes. *_ns: over the critical path, so that they add up to duration_ns of the root.
-- largest_span_id, largest_ns: the span with the most time on the path; largest_gap_ns: the longest wait in no span;
-- skew_ns: the largest clock correction that was applied to a span, 0 = none.
CREATE TABLE trace_time (
  run_id INTEGER NOT NULL, trace_id INTEGER, duration_ns INTEGER, network_ns INTEGER, wait_ns INTEGER,
  processing_ns INTEGER, unknown_ns INTEGER, largest_span_id INTEGER, largest_ns INTEGER, largest_gap_ns INTEGER,
  skew_ns INTEGER);
CREATE INDEX trace_time_trace ON trace_time (trace_id);

-- Share of an operation in the critical paths of all traces. n: traces it is on. total_ns: its time on the paths.
-- share: of the time of all paths. p50_ns, p99_ns: of its time per trace it is on. example_trace_id: with the most.
-- is_gap: 1 = time inside spans of this operation in which no child runs although it has children.
CREATE TABLE critical_operation (
  run_id INTEGER NOT NULL, service TEXT, operation TEXT, is_gap INTEGER, class TEXT, n INTEGER, total_ns INTEGER,
  share REAL, p50_ns INTEGER, p99_ns INTEGER, example_trace_id INTEGER);

-- call_group, continued. max_ns: the longest call. start_ns, end_ns: first start, last end. share: total_ns of the
-- duration of the trace. detail: what marks the group ("same values", "attempts 1..4", the callee's service).
ALTER TABLE call_group ADD COLUMN max_ns INTEGER;
ALTER TABLE call_group ADD COLUMN start_ns INTEGER;
ALTER TABLE call_group ADD COLUMN end_ns INTEGER;
ALTER TABLE call_group ADD COLUMN share REAL;
ALTER TABLE call_group ADD COLUMN detail TEXT;

-- Calls from one service to another over all traces. kind: call, async, messaging; database or external where the callee
-- has no spans. n: calls; traces: in so many traces; errors: failed calls; p50_ns, p99_ns: of the callee's span;
-- fan_out_p50, fan_out_max: calls per calling span; weight: sum of the weights.
CREATE TABLE service_edge (
  run_id INTEGER NOT NULL, caller TEXT, callee TEXT, kind TEXT, n INTEGER, traces INTEGER, errors INTEGER,
  p50_ns INTEGER, p99_ns INTEGER, fan_out_p50 INTEGER, fan_out_max INTEGER, weight REAL);

-- cohort_difference, continued. kind: attribute, self_time, gap, path, calls. operation: what it is about where it is
-- not an attribute. slow_value, base_value: the medians that are compared (ns, or calls per trace). adjusted_p: p_value
-- after correction for the number of things compared (Bonferroni over tested; Holm where it says so).
-- tested: things compared in this run. same_as: "key=value" that picks the same requests, NULL = none.
ALTER TABLE cohort_difference ADD COLUMN kind TEXT;
ALTER TABLE cohort_difference ADD COLUMN operation TEXT;
ALTER TABLE cohort_difference ADD COLUMN slow_value REAL;
ALTER TABLE cohort_difference ADD COLUMN base_value REAL;
ALTER TABLE cohort_difference ADD COLUMN adjusted_p REAL;
ALTER TABLE cohort_difference ADD COLUMN tested INTEGER;
ALTER TABLE cohort_difference ADD COLUMN same_as TEXT;

-- comparison, continued. method: mann_whitney, two_proportion, order_statistics. ratio: b / a.
ALTER TABLE comparison ADD COLUMN method TEXT;
ALTER TABLE comparison ADD COLUMN ratio REAL;
ALTER TABLE comparison ADD COLUMN operation TEXT;
ALTER TABLE comparison ADD COLUMN service TEXT;

-- call_group, continued: which rows there are. Kinds: n_plus_one (one question for a list, one more for every row),
-- repeated_lookup (the same question with the same values), sequential (calls that follow each other within 5 ms;
-- saving_ns assumes that they are independent), retry (the same call again after a failure or a growing pause), chatty
-- (single questions to a cache), fan_out (calls at the same time). At most 20 groups a trace, those that save most, and
-- 50,000 in all; where there are more than 300,000 calls every k-th trace of each endpoint is examined. Unweighted.
-- fingerprint: of the statement, or method and path without values, or the operation; NULL = the calls differ.
-- lead_ns: of n_plus_one, the call that ended before the first one (the list); NULL = none.
ALTER TABLE call_group ADD COLUMN lead_ns INTEGER;

-- Groups of calls that recur, over all examined traces. kind: as in call_group. endpoint_service, endpoint_operation: of
-- the root spans. service, parent_operation: of the calling span. operation: of the calls; where they differ those of the
-- example, with commas. fingerprint: as in call_group. groups: so many groups in so many traces, of examined traces of
-- the endpoint. n_p50, n_max: calls of a group. total_p50_ns, saving_p50_ns, longest_p50_ns, lead_p50_ns,
-- trace_p50_ns: nearest rank over the groups (trace_p50_ns over the traces they are in). slope_ns: time of one more call,
-- least squares over groups of different size, NULL with fewer than five sizes; slope_r2: its coefficient of
-- determination. failed: retry only, attempts that failed. is_write: 1 = repeats something that changes data without an
-- idempotency key. done_twice: groups in which more than one attempt of such a write succeeded. start_ns, end_ns: of the
-- traces. example_trace_id, example_parent_id: the group whose saving is nearest to the median. detail: as in call_group.
CREATE TABLE call_pattern (
  run_id INTEGER NOT NULL, kind TEXT, endpoint_service TEXT, endpoint_operation TEXT, service TEXT,
  parent_operation TEXT, operation TEXT, fingerprint TEXT, groups INTEGER, traces INTEGER, examined INTEGER,
  n_p50 INTEGER, n_max INTEGER, total_p50_ns INTEGER, saving_p50_ns INTEGER, longest_p50_ns INTEGER,
  lead_p50_ns INTEGER, trace_p50_ns INTEGER, slope_ns REAL, slope_r2 REAL, failed INTEGER, is_write INTEGER,
  done_twice INTEGER, start_ns INTEGER, end_ns INTEGER, example_trace_id INTEGER, example_parent_id INTEGER,
  detail TEXT);
CREATE INDEX call_pattern_kind ON call_pattern (kind);

-- Retries of one trace down the tree. levels: nested hops that retry. attempts: members of all retry groups, the first
-- attempts too; retries: of those, repeats. leaf_attempts: at the deepest hop that retries, leaf_service, leaf_operation:
-- what is called there. start_ns: of the trace. The 10,000 traces with most attempts.
CREATE TABLE retry_tree (
  run_id INTEGER NOT NULL, trace_id INTEGER, levels INTEGER, attempts INTEGER, retries INTEGER, leaf_attempts INTEGER,
  leaf_service TEXT, leaf_operation TEXT, start_ns INTEGER);

-- How often a fan-out meets a slow answer. parent_operation, service: the span that calls. n_p50: calls at a time.
-- groups: fan-outs, calls: their calls. threshold_ns: P99 of the calls (nearest rank). call_share: calls that take at
-- least that; group_share: fan-outs with such a call; predicted: mean of 1 - (1 - call_share)^n, independent calls.
-- worst_operation, worst_share: the callee with most of the slow calls and its share of them; callees: how many there are.
-- example_trace_id: the fan-out with the slowest call.
CREATE TABLE fan_out_tail (
  run_id INTEGER NOT NULL, service TEXT, parent_operation TEXT, groups INTEGER, calls INTEGER, n_p50 INTEGER,
  threshold_ns INTEGER, call_share REAL, group_share REAL, predicted REAL, worst_operation TEXT, worst_share REAL,
  callees INTEGER, example_trace_id INTEGER);
-- Functions of a profile with at least a thousandth of its weight. function, module: as in frame. category: what the
-- name says it does: serialization, database, lock, network, idle, gc, password_hash; NULL = nothing known.
-- self_weight, total_weight: in the unit of the profile, recursion counts once in totals. self_share, total_share: of
-- the profile, 0..1. samples: that end in it. hot_path: 1 = the last frame of the heaviest path with at least 60 % of
-- all below it.
CREATE TABLE function_stat (
  run_id INTEGER NOT NULL, profile_id INTEGER, function TEXT, module TEXT, category TEXT, self_weight REAL,
  total_weight REAL, self_share REAL, total_share REAL, samples INTEGER, hot_path INTEGER);
CREATE INDEX function_stat_profile ON function_stat (profile_id, function);

-- Stacks of a profile by what they do. category: as in function_stat; a stack counts once for each category that it
-- has a frame of. caller: nearest function above that frame without a category, NULL = all callers together. frame:
-- the heaviest function of the category there. loop_frame: a function above it that runs something for each element,
-- NULL = none. weight: in the unit of the profile. share: of the profile, 0..1. samples: with such a frame.
CREATE TABLE stack_category (
  run_id INTEGER NOT NULL, profile_id INTEGER, category TEXT, caller TEXT, frame TEXT, loop_frame TEXT, weight REAL,
  share REAL, samples INTEGER);
CREATE INDEX stack_category_profile ON stack_category (profile_id, category);
