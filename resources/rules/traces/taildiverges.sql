-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "dist-tail-diverges"
version = 1
title = "The tail has left the median behind"
headline = "{operation}: P99 is {ratio} times the P50, usually {usual_ratio} times"
severity = "critical"
needs = ["traces"]
rung = 6
summary = "From {start} on the P99 of {operation} is {p99_ms} at a P50 of {p50_ms} (ratio {ratio}); usual are {usual_p99_ms} and {usual_p50_ms} (ratio {usual_ratio}). {n} requests. At that time: {marker}."
cause = "A subset of the requests takes another path."
checks = [
  "Which requests are slow: what do they have in common (dist-cohort-difference)?",
  "Is it one instance (dist-instance-subset)?",
  "The shape over time: periodic, a plateau, a step?",
]
fix = "1. Find the cohort, then follow its own rule."
proof = "The ratio P99 / P50 is back in its band and the P99 below its line."
risk = "None: nothing is changed."
refuse = "The mean: it moves a little and hides half of the users."
quiet = "The P50 rose as well; fewer than 1,000 requests in a window; fewer than four windows."
related = ["dist-cohort-difference", "dist-instance-subset"]

[thresholds]
ratio_w = { value = 2, unit = "ratio", source = "set here; 7.5 healthy and 280 degraded in an incident report" }
p50 = { value = 1.25, unit = "ratio", source = "set here" }
p99_c = { value = 2, unit = "ratio", source = "set here" }
*/
SELECT CASE WHEN d.p99_ns >= :p99_c * d.usual_p99_ns THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(d.service || ': ', '') || d.operation AS subject_id, d.start_ns, d.end_ns,
  (d.p99_ns - d.usual_p99_ns) / 1e6 AS gain_ms, CASE WHEN e.id IS NULL THEN 0.3 ELSE 0.1 END AS doubt,
  d.service, coalesce(d.service || ': ', '') || d.operation AS operation,
  strftime('%Y-%m-%d %H:%M:%S', d.start_ns / 1000000000, 'unixepoch') || ' UTC' AS start, d.n,
  d.p50_ns / 1e6 AS p50_ms, d.p99_ns / 1e6 AS p99_ms, d.ratio, d.usual_p50_ns / 1e6 AS usual_p50_ms,
  d.usual_p99_ns / 1e6 AS usual_p99_ms, d.usual_ratio, e.id AS event_id,
  coalesce(e.kind || ' "' || coalesce(e.title, e.service, '') || '"', 'no marker') AS marker
FROM tail_divergence AS d LEFT JOIN event AS e ON e.id = d.event_id
WHERE d.ratio >= :ratio_w * d.usual_ratio AND d.p50_ns <= :p50 * d.usual_p50_ns
ORDER BY d.ratio / d.usual_ratio DESC, subject_id
