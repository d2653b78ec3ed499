-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "dist-cohort-difference"
version = 1
title = "What the slowest requests have in common"
headline = "{slow_pct} of the slowest requests to {requests} have {trait}"
severity = "warning"
needs = ["traces"]
rung = 6
summary = "{slow_n} of {slow_total} requests to {requests} at or above P{percentile} ({limit_ms}) have {trait} ({slow_pct}); of the others {others_n} of {others_total} ({others_pct}, {others_ratio}). Lift over all requests: {lift}. Same requests: {same_as}. Where their additional time lies: {where_time}."
cause = "The trait named by the evidence."
checks = [
  "Open five traces of the cohort: do they wait at the same place?",
  "Is there a second trait inside the first?",
  "Did the trait begin at a deployment, a change of configuration or a flag?",
]
fix = "1. Follow the rule of the trait: tenant, instance, version, payload."
proof = "The lift of the trait falls to about 1."
risk = "None: nothing is changed."
refuse = "Tuning for the average: it hides who is slow."
quiet = "Fewer than 50 slow requests; traits of less than 30 % of the slow ones; what all requests have; status and time, which are consequences."
related = ["dist-tail-diverges", "dist-instance-subset"]

[thresholds]
lift_w = { value = 3, unit = "ratio", source = "set here" }
share_w = { value = 0.3, unit = "share", source = "set here" }
slow_n = { value = 50, unit = "requests", source = "set here" }
*/
WITH trait AS (
  SELECT c.*, row_number() OVER (PARTITION BY c.requests ORDER BY c.position) AS place
  FROM cohort_difference AS c
  WHERE c.kind = 'attribute' AND c.slow_total >= :slow_n AND c.lift >= :lift_w AND c.coverage >= :share_w
    AND c.adjusted_p < 0.01 AND NOT (c.scope IS NULL AND c.key IN ('status', 'http', 'since'))
)
SELECT CASE WHEN t.coverage >= 0.5 THEN 'warning' ELSE 'info' END AS severity,
  'operation' AS subject_kind, t.requests AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  CASE WHEN t.coverage >= 0.8 THEN 0.1 ELSE 0.3 END AS doubt,
  t.requests, t.key || ' = ' || t.value AS trait, t.key, t.value, t.slow_n, t.slow_total, t.all_n, t.all_total,
  t.all_n - t.slow_n AS others_n, t.all_total - t.slow_total AS others_total,
  100.0 * (t.all_n - t.slow_n) / (t.all_total - t.slow_total) AS others_pct,
  CASE WHEN t.all_n = t.slow_n THEN 'never' ELSE printf('%.3g times as rare', t.coverage
    / (1.0 * (t.all_n - t.slow_n) / (t.all_total - t.slow_total))) END AS others_ratio,
  100.0 * t.coverage AS slow_pct, 100.0 * t.coverage / t.lift AS all_pct, t.lift, t.adjusted_p,
  100 * t.percentile AS percentile, t.slow_from_ns / 1e6 AS limit_ms, coalesce(t.same_as, 'no other name') AS same_as,
  coalesce((SELECT d.operation || ' (' || CAST(round(100 * min(1, d.coverage)) AS INTEGER) || ' %)'
    FROM cohort_difference AS d WHERE d.requests = t.requests AND d.kind IN ('self_time', 'gap')
    ORDER BY d.coverage DESC LIMIT 1), 'nowhere in particular') AS where_time,
  t.example_trace_id, t.example_trace_ids
FROM trait AS t WHERE t.place = 1
ORDER BY t.score DESC
