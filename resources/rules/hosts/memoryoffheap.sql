-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "memory-oom-off-heap"
version = 1
title = "Killed for memory while the heap has room"
headline = "{kills} kills for memory, the heap at {heap_pct} of its limit"
severity = "critical"
needs = ["series"]
rung = 4
summary = "{process} was killed for memory {kills} times while its heap stood at {heap_bytes}, {heap_pct} of {limit_bytes}, and did not grow. {outside}. The limit of a container counts everything: heap, metaspace, stacks of threads, direct buffers."
cause = "Memory outside the heap."
checks = ["The parts of the resident memory.", "The number of threads times their stack.", "Direct buffers.", "Results without a bound."]
fix = """
1. Bound the direct memory and the threads.
2. A heap of 60 to 70 % of the limit.
3. Raise the limit."""
proof = "No kill in 24 hours, the peak below 80 %."
risk = "The price of memory."
refuse = "A larger heap inside the same limit; a restart first."
quiet = "A full heap (that is a leak), no kill."
related = ["memory-leak"]

[thresholds]
h = { value = 0.8, unit = "share", source = "set here: of its limit" }
*/
WITH kill AS (
  SELECT s.id, s.service, s.instance, CASE t.measure WHEN 'rate' THEN round(t.mean * (t.last_ts_ns - t.first_ts_ns) / 1e9
      * (t.n + 1.0) / max(t.n, 1)) ELSE t.max - CASE s.kind WHEN 'gauge' THEN t.min ELSE 0 END END AS kills,
    t.first_ts_ns, t.last_ts_ns
  FROM series AS s JOIN series_stat AS t ON t.series_id = s.id WHERE s.metric LIKE '%oom%'
)
SELECT 'critical' AS severity, 'series' AS subject_kind, k.id AS subject_id, k.first_ts_ns AS start_ns,
  k.last_ts_ns AS end_ns, NULL AS gain_ms,
  coalesce(k.service, k.instance, 'the process') AS process, k.kills, h.used AS heap_bytes, h.limit_value AS limit_bytes,
  100.0 * h.used / h.limit_value AS heap_pct,
  coalesce((SELECT o.subject || ' rises by ' || printf('%.1f', o.slope_per_h / 1048576) || ' MiB an hour' FROM memory_trend AS o
    WHERE o.part <> 'heap' AND o.verdict = 'rising' AND o.service IS k.service ORDER BY o.part = 'off_heap' DESC,
    o.slope_per_h DESC LIMIT 1), 'Nothing outside it was recorded') AS outside
FROM kill AS k JOIN memory_trend AS h ON h.part = 'heap' AND h.service IS k.service
WHERE k.kills > 0 AND h.limit_value IS NOT NULL AND h.used < :h * h.limit_value AND h.verdict = 'level'
ORDER BY k.kills DESC, k.id LIMIT 20
