-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "cpu-throttled"
version = 1
title = "A container is stopped by its quota"
headline = "{container}: stopped in {share_pct} of its periods"
severity = "warning"
needs = ["host"]
rung = 3
summary = "{container} was stopped by its quota in {share_pct} of {periods} periods ({throttled} of them), {stall} a period; in the worst five minutes in {worst_pct}. The processors were busy to {cpu} on average: that hides it, because the quota is counted in periods of 100 ms."
cause = "Parallel bursts use up the quota of a period."
checks = [
  "The units of the counter: cgroup v1 counts nanoseconds, v2 microseconds.",
  "Threads that run against the quota.",
  "Threads of the collector inside the quota: pauses become two or three times longer.",
  "Neighbours on the same host, before the limit goes.",
]
fix = """
1. Raise or remove the limit, keep the request.
2. Fewer threads.
3. As many collector threads as the quota."""
proof = "The share is below 5 %, and the P99 falls."
risk = "The neighbours: back to the limit when their P99 rises by a fifth."
refuse = "More instances without looking; calling 60 % of the processors headroom."
quiet = "A share below 5 %, batch work nobody waits for."
related = ["host-cpu-bound", "gc-pause-high", "host-io-bound"]

[thresholds]
w = { value = 0.05, unit = "share", source = "common guideline" }
c = { value = 0.25, unit = "share", source = "set here" }
*/
SELECT CASE WHEN t.worst_share >= :c THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  t.series_id AS subject_id, t.start_ns, t.end_ns, NULL AS gain_ms,
  t.subject AS container, 100.0 * t.share AS share_pct, t.periods, t.throttled, 100.0 * t.worst_share AS worst_pct,
  CASE WHEN t.stall_ms IS NULL THEN 'for an unknown time' ELSE round(t.stall_ms, 1) || ' ms' END AS stall,
  t.stall_ms, t.throttled_s, CASE WHEN t.cpu IS NULL THEN 'an unknown share' ELSE round(100 * t.cpu) || ' %' END AS cpu,
  t.share AS ratio
FROM cpu_throttle AS t WHERE t.worst_share >= :w
ORDER BY t.worst_share DESC, t.series_id LIMIT 50
