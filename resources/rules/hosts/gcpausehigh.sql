-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "gc-pause-high"
version = 1
title = "Collector pauses reach the users"
headline = "{process}: pauses of {max_ms} touch {touched} of the requests"
severity = "warning"
needs = ["gc"]
uses = ["traces"]
rung = 4
summary = "{pauses} pauses of {p50_ms} (P99 {p99_ms}, at most {max_ms}) take {time_pct} of the time of {process} and touch {touched} of the requests: the P99 moves, the P50 does not.{lost}"
cause = "A full heap, much allocation, or much that lives."
checks = [
  "What lives after a collection.",
  "The rate of allocation and where it comes from.",
  "The quota of the processors.",
  "Was the heap raised lately?",
]
fix = """
1. Allocate less.
2. A pause target of 50 ms, or a collector with short pauses.
3. A heap that fits what lives."""
proof = "The P99 of the pauses is below 100 ms, and that of the requests falls."
risk = "15 to 25 % more of the processors for the collector."
refuse = "A larger heap as a cure; a restart first."
quiet = "Pauses below 100 ms; traces that no pause overlaps."
related = ["gc-bigger-heap-worse", "cpu-throttled"]

[thresholds]
w = { value = 100, unit = "ms", source = "common guideline" }
c = { value = 400, unit = "ms", source = "set here: the long end of a usual full stop" }
t = { value = 0.01, unit = "share", source = "set here: requests touched" }
*/
SELECT CASE WHEN p.max_ns >= :c * 1000000 OR p.touched_share >= :t THEN 'critical' ELSE 'warning' END AS severity,
  'source' AS subject_kind, p.source_id AS subject_id, p.start_ns, p.end_ns, NULL AS gain_ms,
  coalesce(p.instance, 'the process') AS process, p.n AS pauses, p.p50_ns / 1e6 AS p50_ms, p.p99_ns / 1e6 AS p99_ms,
  p.max_ns / 1e6 AS max_ms, 100.0 * p.share AS time_pct,
  CASE WHEN p.requests > 0 THEN printf('%.3g %%', 100.0 * p.touched_share) ELSE 'an unknown share' END AS touched,
  p.touched AS touched_requests, p.requests, 100.0 * p.model_share AS model_pct,
  CASE WHEN p.lost IS NULL THEN '' ELSE printf(' %.0f events of %s arrive in one of them.', p.lost, p.rate) END AS lost
FROM pause_stat AS p
WHERE p.max_ns >= :w * 1000000 AND (p.requests = 0 OR p.touched > 0)
ORDER BY p.max_ns DESC, p.source_id LIMIT 50
