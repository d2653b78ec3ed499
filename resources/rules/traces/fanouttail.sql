-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-fan-out-tail"
version = 1
title = "Fan-out turns rare slowness into common slowness"
headline = "{parent_operation}: {parent_pct} of the requests meet a call from the slowest {call_pct}"
severity = "warning"
needs = ["traces"]
rung = 5
summary = "{parent_operation} makes {n} calls at a time. {call_pct} of the calls take {threshold_ms} or more, but {parent_pct} of the {groups} requests wait for at least one of them; independent calls would give {predicted_pct}. No single callee is at fault: the slowest of {n} answers decides. For 99 % of the requests below that, a call has to hold it in {needed_pct} of all cases."
cause = "The slowest of n answers decides."
checks = [
  "Is one callee clearly worse? Then it is not the fan-out.",
  "Shared causes make real calls dependent: compare measured and predicted.",
  "Can calls be dropped or merged?",
]
fix = """
1. Fewer calls.
2. A limit for each call and a partial answer.
3. Improve the slow tail of the callee (its P99.9).
4. Send a second copy of idempotent reads after their P95 (about 5 % more load)."""
proof = "P99 of the parent against the predicted curve."
risk = "Second copies double the load when they are sent at once for all calls."
refuse = "Blaming one service; second copies when there is no capacity left."
quiet = "Fewer than 5 calls at a time, calls one after another, fewer than 100 fan-outs, one of several callees with most of the slow calls."
related = ["trace-sequential-independent"]

[thresholds]
n = { value = 5, unit = "calls", source = "set here" }
w = { value = 0.05, unit = "share", source = "set here: of the fan-outs; fewer are for information" }
k = { value = 0.5, unit = "share", source = "set here: of n times the share of one call" }
groups = { value = 100, unit = "fan-outs", source = "set here: fewer say nothing about one in a hundred" }
worst = { value = 0.8, unit = "share", source = "set here: of the slow calls, at one of several callees" }
one = { value = 2, unit = "callees", source = "set here: with one callee nobody else can be blamed" }
*/
SELECT CASE WHEN t.group_share >= :w THEN 'warning' ELSE 'info' END AS severity, 'operation' AS subject_kind,
  coalesce(t.service || ': ', '') || t.parent_operation AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms,
  t.service, t.parent_operation, t.n_p50 AS n, t.groups, t.calls, t.threshold_ns / 1e6 AS threshold_ms,
  100.0 * t.call_share AS call_pct, 100.0 * t.group_share AS parent_pct, 100.0 * t.predicted AS predicted_pct,
  -- 0.99^(1/n) without a power function: the series of exp(x) at x = ln(0.99) / n, which is small.
  100.0 * (1 + x.v + x.v * x.v / 2 + x.v * x.v * x.v / 6) AS needed_pct, t.worst_operation, t.worst_share, t.callees,
  t.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = t.example_trace_id) AS example_span_id
FROM fan_out_tail AS t JOIN (SELECT f.rowid AS id, -0.010050335853501441 / f.n_p50 AS v FROM fan_out_tail AS f) AS x
  ON x.id = t.rowid
WHERE t.n_p50 >= :n AND t.groups >= :groups AND t.group_share >= :k * t.n_p50 * t.call_share
  AND (t.callees < :one OR t.worst_share < :worst)
ORDER BY t.group_share DESC, subject_id LIMIT 50
