-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "dist-instance-subset"
version = 1
title = "Only some instances are slow"
headline = "{slow_instances} of {instances} instances of {operation} are slow"
severity = "critical"
needs = ["traces"]
rung = 6
summary = "The P99 of {operation} is {max_p99_ms} on {slowest} and {median_p99_ms} on the middle one of {instances} instances (ratio {ratio}). The aggregate looks fine because {slow_instances} of {instances} carry the trouble: {slow_list}."
cause = "A noisy neighbour, a bad host, a cold cache, skewed connections or work, a canary."
checks = [
  "Time stolen from the virtual machine.",
  "Do all instances run the same version?",
  "Connections held by each instance.",
  "How requests are balanced; how workers accept them.",
]
fix = """1. Drain and replace the instance.
2. Balance again.
3. Spread the workers."""
proof = "The largest P99 of an instance is below twice the middle one."
risk = "Less capacity while an instance is drained; undo when the others pass 80 % utilisation."
refuse = "More instances, before it is known why these are slow."
quiet = "Fewer than three instances, fewer than 1,000 calls on one of them, times below 1 ms, the first minutes after a start."
related = ["dist-cohort-difference"]

[thresholds]
ratio_w = { value = 2, unit = "ratio", source = "set here" }
ratio_c = { value = 5, unit = "ratio", source = "set here" }
n = { value = 1000, unit = "calls", source = "10 / (1 - 0.99) for a P99" }
floor_ms = { value = 1, unit = "ms", source = "set here" }
*/
WITH one AS (
  SELECT o.service, o.operation, o.instance, o.n, o.p99_ns FROM operation_stat AS o
  WHERE o.run_id = (SELECT max(run_id) FROM operation_stat) AND o.instance IS NOT NULL AND o.range_start_ns IS NULL
    AND o.n >= :n AND o.p99_ns IS NOT NULL
), middle AS (
  SELECT o.service, o.operation, count(*) AS instances, p50(o.p99_ns) AS median_ns, max(o.p99_ns) AS max_ns
  FROM one AS o GROUP BY o.service, o.operation
), found AS (
  SELECT m.*, coalesce(m.service || ': ', '') || m.operation AS name,
    (SELECT count(*) FROM one AS o WHERE o.service IS m.service AND o.operation = m.operation
      AND o.p99_ns >= :ratio_w * m.median_ns) AS slow_instances,
    (SELECT o.instance FROM one AS o WHERE o.service IS m.service AND o.operation = m.operation
      ORDER BY o.p99_ns DESC, o.instance LIMIT 1) AS slowest,
    (SELECT group_concat(x.instance, ', ') FROM (SELECT o.instance FROM one AS o WHERE o.service IS m.service
      AND o.operation = m.operation AND o.p99_ns >= :ratio_w * m.median_ns ORDER BY o.p99_ns DESC LIMIT 10) AS x)
      AS slow_list
  FROM middle AS m
  WHERE m.instances >= 3 AND m.median_ns > 0 AND m.max_ns >= :ratio_w * m.median_ns AND m.max_ns >= :floor_ms * 1e6
)
SELECT CASE WHEN 1.0 * f.max_ns / f.median_ns >= :ratio_c THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, f.name AS subject_id, NULL AS start_ns, NULL AS end_ns,
  (f.max_ns - f.median_ns) / 1e6 AS gain_ms, 0.2 AS doubt,
  f.name AS operation, f.slowest, f.instances, f.slow_instances, f.slow_list, f.max_ns / 1e6 AS max_p99_ms,
  f.median_ns / 1e6 AS median_p99_ms, 1.0 * f.max_ns / f.median_ns AS ratio
FROM found AS f
ORDER BY ratio DESC, f.name
