-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-plateau-autovacuum"
version = 1
title = "A high plateau while vacuum runs"
headline = "{series}: {ratio_x} its median while vacuum runs ({vacuum})"
severity = "warning"
needs = ["series", "markers"]
rung = 4
summary = "{series} is {ratio_x} its median from {at} on for {plateau_ms}; vacuum runs in {overlap_pct} of that time ({vacuum}). The vacuum is needed; its size and its moment can change."
cause = "The reads and writes of vacuum on a large or hot table."
checks = [
  "pg_stat_progress_vacuum and last_autovacuum.",
  "Dead rows before the run.",
  "The cost limit and delay.",
  "The same hour each day?",
]
fix = """
1. Smaller runs more often: a lower autovacuum_vacuum_scale_factor of the table.
2. A vacuum off-peak.
3. The cost delay."""
proof = "The plateau is shorter and lower, and dead rows stay few."
risk = "More background work, more often."
refuse = "Switching autovacuum off; cancelling one that prevents a wraparound."
quiet = "A vacuum at another time, a plateau without vacuum, less than three minutes."
related = ["table-dead-tuples", "autovacuum-long"]

[thresholds]
ov = { value = 0.7, unit = "share", source = "set here: of the plateau" }
*/
WITH both AS (
  SELECT t.series_id, t.subject, t.ratio, t.start_ns, t.end_ns, coalesce(e.title, e.detail) AS vacuum,
    min(e.end_ns, t.end_ns) - max(e.ts_ns, t.start_ns) AS overlap_ns
  FROM tail_shape AS t JOIN event AS e ON e.kind = 'autovacuum' AND e.end_ns > t.start_ns AND e.ts_ns < t.end_ns
  WHERE t.series_id IS NOT NULL AND t.kind = 'plateau'
)
SELECT 'warning' AS severity, 'series' AS subject_kind, p.series_id AS subject_id, p.start_ns, p.end_ns, NULL AS gain_ms,
  p.subject AS series, p.ratio AS ratio_x, strftime('%H:%M:%S', p.start_ns / 1000000000, 'unixepoch') || ' UTC' AS at,
  (p.end_ns - p.start_ns) / 1e6 AS plateau_ms, min(100.0, 100.0 * sum(p.overlap_ns) / (p.end_ns - p.start_ns)) AS overlap_pct,
  coalesce(substr(group_concat(DISTINCT p.vacuum), 1, 200), 'not named') AS vacuum
FROM both AS p GROUP BY p.series_id, p.subject, p.ratio, p.start_ns, p.end_ns
HAVING sum(p.overlap_ns) >= :ov * (p.end_ns - p.start_ns)
ORDER BY p.ratio DESC, p.series_id LIMIT 50
