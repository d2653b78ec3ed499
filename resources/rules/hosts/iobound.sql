-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "host-io-bound"
version = 1
title = "Processors are idle while requests are slow"
headline = "{cpu}: {busy_pct} busy while {latency} is slow"
severity = "warning"
needs = ["host"]
rung = 2
summary = "While {latency} stood at {slow_ms} instead of {usual_ms} ({bins} bins), {cpu} was at {busy_pct}: the requests wait. Faster code cannot help; traces show for what they wait."
cause = "A wait for the database, the network, a lock or a disk."
checks = ["Traces: the largest wait.", "A profile by wall-clock time.", "Pool wait, pauses, locks, name resolution, in this order."]
fix = """
1. The rule of the wait.
2. Calls side by side, or fewer of them."""
proof = "The share of waiting falls."
risk = "The load moves to what was waited for."
refuse = "Making code faster; a larger machine."
quiet = "A container that is stopped by its quota; a single thread that fills one processor of many."
related = ["host-cpu-bound", "trace-wait-dominates", "cpu-throttled"]

[thresholds]
w = { value = 0.3, unit = "share", source = "common guideline" }
*/
SELECT 'warning' AS severity, 'series' AS subject_kind, v.series_id AS subject_id, v.start_ns, v.end_ns,
  v.latency_slow_ms - v.latency_usual_ms AS gain_ms,
  v.subject AS cpu, 100.0 * v.cpu_slow AS busy_pct, v.latency, v.latency_slow_ms AS slow_ms, v.latency_usual_ms AS usual_ms,
  v.slow_bins AS bins
FROM cpu_verdict AS v
WHERE v.cpu_slow < :w AND NOT EXISTS (SELECT 1 FROM cpu_throttle AS t WHERE t.service IS v.service AND t.worst_share >= 0.05)
ORDER BY v.latency_slow_ms DESC, v.series_id LIMIT 20
