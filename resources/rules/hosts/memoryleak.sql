-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "memory-leak"
version = 1
title = "Memory only goes up"
headline = "{series} rises by {rate_bytes} an hour{left}"
severity = "warning"
needs = ["host"]
rung = 4
summary = "The floor of {series} rises by {rate_bytes} an hour (95 % interval {lower_bytes} to {upper_bytes}) over {hours} h and is at {used_bytes}{of}{left}. A healthy heap is a saw that comes back to its floor; this floor climbs while the load does not."
cause = "Something is kept: listeners, caches without a bound, sessions, connections, strings."
checks = [
  "Capture before any restart: a snapshot of the heap, the map of the memory, numbers of connections, threads and listeners.",
  "Two snapshots five minutes apart: which types grow?",
  "Force a collection: what stays is a leak, what can be evicted is a cache.",
  "Resident or heap? Outside the heap is another rule.",
]
fix = """
1. Release it on every path.
2. A bound and eviction.
3. A planned restart, as a stopgap only."""
proof = "A flat floor over 24 hours at an even load."
risk = "Smaller caches miss more often."
refuse = "A restart first: it destroys the evidence; more memory."
quiet = "A saw with a level floor, a warm-up that ends, a load that grows, page cache, less than two hours."
related = ["memory-oom-off-heap", "series-change-point-marker"]

[thresholds]
h = { value = 2, unit = "h", source = "set here: seen" }
t = { value = 24, unit = "h", source = "common guideline: until it is full" }
c = { value = 4, unit = "h", source = "set here: critical below" }
growth = { value = 0.02, unit = "share", source = "set here: of what is used, over the time seen" }
*/
SELECT CASE WHEN m.hours_left < :c THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  m.series_id AS subject_id, m.start_ns, m.end_ns, NULL AS gain_ms,
  m.subject AS series, m.slope_per_h AS rate_bytes, m.lower_per_h AS lower_bytes, m.upper_per_h AS upper_bytes,
  round(m.hours, 1) AS hours, m.used AS used_bytes, m.limit_value AS limit_bytes, round(m.hours_left, 1) AS hours_left,
  CASE WHEN m.limit_value IS NULL THEN '' ELSE printf(' (%.0f %% of its limit)', 100.0 * m.used / m.limit_value) END AS of,
  CASE WHEN m.hours_left IS NULL THEN '' ELSE printf(': full in %.1f h', m.hours_left) END AS left, m.part
FROM memory_trend AS m
WHERE m.verdict = 'rising' AND m.hours >= :h AND m.load_slope IS NOT 1 AND m.slope_per_h * m.hours >= :growth * m.used
  AND (m.hours_left < :t OR (m.hours_left IS NULL AND m.part <> 'off_heap'))
  AND NOT EXISTS (SELECT 1 FROM memory_trend AS o WHERE o.service IS m.service AND o.instance IS m.instance
    AND o.series_id <> m.series_id AND o.hours_left < ifnull(m.hours_left, 1e9))
ORDER BY m.hours_left IS NULL, m.hours_left, m.series_id LIMIT 50
