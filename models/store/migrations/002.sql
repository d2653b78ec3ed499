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

-- cohort_difference, continued. kind: attribute (of the request), inside (an attribute of a span below it), path (an
-- operation occurs), self_time, gap (time no child covers), calls. operation: what it is about where it is not an
-- attribute. For self_time and gap coverage is the share of the additional time and lift the ratio of the means.
-- requests: whose slow ones these are ("service: operation"). percentile, slow_from_ns: slow is at or above this.
-- position: rank within requests. example_trace_ids: JSON array, slowest first. slow_value, base_value: the medians that are compared (ns, or calls per trace). adjusted_p: p_value
-- after correction for the number of things compared (Bonferroni over tested; Holm where it says so).
-- tested: things compared in this run. same_as: "key=value" that picks the same requests, NULL = none.
ALTER TABLE cohort_difference ADD COLUMN kind TEXT;
ALTER TABLE cohort_difference ADD COLUMN operation TEXT;
ALTER TABLE cohort_difference ADD COLUMN slow_value REAL;
ALTER TABLE cohort_difference ADD COLUMN base_value REAL;
ALTER TABLE cohort_difference ADD COLUMN adjusted_p REAL;
ALTER TABLE cohort_difference ADD COLUMN tested INTEGER;
ALTER TABLE cohort_difference ADD COLUMN same_as TEXT;
ALTER TABLE cohort_difference ADD COLUMN requests TEXT;
ALTER TABLE cohort_difference ADD COLUMN slow_from_ns INTEGER;
ALTER TABLE cohort_difference ADD COLUMN percentile REAL;
ALTER TABLE cohort_difference ADD COLUMN position INTEGER;
ALTER TABLE cohort_difference ADD COLUMN example_trace_ids TEXT;

-- The longest time in which the P99 of a root operation was at least twice as far above its P50 as usual, while the
-- P50 itself was at most 1.25 times the usual one. window_ns: width of the windows the figures are medians of, each
-- with at least 1,000 requests; n: requests in that time; ratio: P99 / P50; usual_*: medians over all windows;
-- event_id: the nearest marker within one window of the start.
CREATE TABLE tail_divergence (
  run_id INTEGER NOT NULL, service TEXT, operation TEXT, start_ns INTEGER, end_ns INTEGER, window_ns INTEGER,
  n INTEGER, p50_ns INTEGER, p99_ns INTEGER, ratio REAL, usual_p50_ns INTEGER, usual_p99_ns INTEGER,
  usual_ratio REAL, event_id INTEGER);

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
-- what is called there. start_ns: of the trace. requests_per_min: of the same endpoint over all its traces, by their
-- weights; NULL with fewer than two. weighted: 1 = weights other than 1 are known. The 10,000 traces with most attempts.
CREATE TABLE retry_tree (
  run_id INTEGER NOT NULL, trace_id INTEGER, levels INTEGER, attempts INTEGER, retries INTEGER, leaf_attempts INTEGER,
  leaf_service TEXT, leaf_operation TEXT, start_ns INTEGER, requests_per_min REAL, weighted INTEGER);

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

-- onset, continued: series made from spans (needs a clock that is the same for all of them). subject_kind: service,
-- operation ("service: operation"). metric: self_p50_ns (self time per trace without waiting and client spans), p50_ns, p99_ns (p95_ns or
-- p90_ns where a bin holds fewer than 100 or 40 spans), error_share. The first bin of three in a row above twice the
-- median of the first tenth of the bins (at least five); for error_share above 5 % more than that. ordinal: order over the
-- subjects of a kind and metric; onsets in one bin or the next share it. service: of the subject. margin_bins: bins to the next later onset, NULL = none.
-- n: spans or traces counted. bin_ns: width of a bin. rate_before, rate_after: spans per second.
ALTER TABLE onset ADD COLUMN n INTEGER;
ALTER TABLE onset ADD COLUMN bin_ns INTEGER;
ALTER TABLE onset ADD COLUMN rate_before REAL;
ALTER TABLE onset ADD COLUMN rate_after REAL;
ALTER TABLE onset ADD COLUMN service TEXT;

-- change_point, periodicity, tail_shape, continued: metric and bin_ns as in onset; bin_n: median spans of a bin. series_id
-- is NULL for series made from spans. tail_shape.kind: periodic, plateau, sporadic, unknown (too short or too coarse).
-- tail_shape.p50_ns, p99_ns, ratio: median and maximum of the series and their ratio; period_ns: NULL = not periodic.
-- change_point: only where p_value is at most 0.05 and a step fits better than a line; event_id: as of the run.
-- periodicity.strength: 1 - median deviation of the distances / their median. matches: "checkpoint_timeout" (300 s),
-- "minute", "quarter of an hour", "hour", "day".
ALTER TABLE change_point ADD COLUMN metric TEXT;
ALTER TABLE change_point ADD COLUMN bin_ns INTEGER;
ALTER TABLE change_point ADD COLUMN bin_n INTEGER;
ALTER TABLE periodicity ADD COLUMN metric TEXT;
ALTER TABLE periodicity ADD COLUMN bin_ns INTEGER;
ALTER TABLE periodicity ADD COLUMN bin_n INTEGER;
ALTER TABLE tail_shape ADD COLUMN metric TEXT;
ALTER TABLE tail_shape ADD COLUMN bin_ns INTEGER;
ALTER TABLE tail_shape ADD COLUMN bin_n INTEGER;

-- Connections set up inside requests: spans that are named after name resolution, connecting or a handshake, with the
-- call they serve. service: that calls. host: service or address that is called, NULL = not known. calls: calls of it,
-- setups: of those, with a set-up, in so many traces. most_per_trace: set-ups in one trace. *_p50_ns: of a set-up and its
-- parts, NULL = never seen. request_share: P50 of set-up time / duration of the trace. Examined: all traces, or every
-- k-th of each endpoint where there are more than 150,000 calls; likewise in the following five tables.
CREATE TABLE connection_setup (
  run_id INTEGER NOT NULL, service TEXT, host TEXT, calls INTEGER, setups INTEGER, traces INTEGER,
  most_per_trace INTEGER, setup_p50_ns INTEGER, dns_p50_ns INTEGER, connect_p50_ns INTEGER, tls_p50_ns INTEGER,
  request_share REAL, example_trace_id INTEGER);
-- Calls of others while a database transaction is open (between BEGIN and COMMIT below one span, or in a span named
-- transaction). service, parent_operation: of the span that holds the transaction. operation, host: of the call.
-- transactions: with such a call, in so many traces. overlap_*: time of the calls inside one transaction (P50, maximum);
-- held_p50_ns: length of those transactions, statements_p50_ns: of it, time in statements.
CREATE TABLE transaction_call (
  run_id INTEGER NOT NULL, service TEXT, parent_operation TEXT, operation TEXT, host TEXT, transactions INTEGER,
  traces INTEGER, overlap_p50_ns INTEGER, overlap_max_ns INTEGER, held_p50_ns INTEGER, statements_p50_ns INTEGER,
  example_trace_id INTEGER);
-- Different services that wait for each other, per endpoint (endpoint_service, endpoint_operation: of the root).
-- depth_p50, depth_max: services on the longest chain of a trace. path: of the deepest one, with " > " between.
CREATE TABLE sync_chain (
  run_id INTEGER NOT NULL, endpoint_service TEXT, endpoint_operation TEXT, depth_p50 INTEGER, depth_max INTEGER,
  traces INTEGER, path TEXT, example_trace_id INTEGER);
-- How much of a request passes while somebody without spans works. kind: database (all of them together), external (name:
-- the host or service called). traces: with such calls, of examined ones of the endpoint (endpoint_service,
-- endpoint_operation). calls: of them. share: P50 over those traces of the union of the calls / duration of the trace,
-- time_p50_ns: of the union, call_p95_ns: of single calls, request_p50_ns: of the traces.
CREATE TABLE endpoint_share (
  run_id INTEGER NOT NULL, endpoint_service TEXT, endpoint_operation TEXT, kind TEXT, name TEXT, traces INTEGER,
  examined INTEGER, calls INTEGER, share REAL, time_p50_ns INTEGER, call_p95_ns INTEGER, request_p50_ns INTEGER,
  example_trace_id INTEGER);
-- Who is called by whom in the same traces. caller_traces: traces with the caller, traces: of those, with a call of
-- callee. callers: services that call it. has_spans: 0 = the callee is known from attributes of the call only.
CREATE TABLE service_pair (
  run_id INTEGER NOT NULL, caller TEXT, callee TEXT, caller_traces INTEGER, traces INTEGER, callers INTEGER,
  has_spans INTEGER);
-- Calls that begin after the span that makes them has ended, and repeat an earlier call of it: nobody waits for them.
-- service, parent_operation: of the span, operation: of the calls. attempts: so many, in so many traces. late_p50_ns: from
-- the end of the span to their start; length_p50_ns: of the calls (0 = unknown).
CREATE TABLE late_attempt (
  run_id INTEGER NOT NULL, service TEXT, parent_operation TEXT, operation TEXT, attempts INTEGER, traces INTEGER,
  late_p50_ns INTEGER, length_p50_ns INTEGER, example_trace_id INTEGER);
-- First requests of the instances of a service: five minutes or more after the first of all, or after five minutes
-- without any. instances: of the service. starts: first requests. slow: of them, slower by a second or more than the median
-- of the same operation; excess_p50_ns: by how much. example_span_id: the slowest.
CREATE TABLE cold_start (
  run_id INTEGER NOT NULL, service TEXT, instances INTEGER, starts INTEGER, slow INTEGER, excess_p50_ns INTEGER,
  example_span_id INTEGER);
