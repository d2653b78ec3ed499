-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-all-replicas-lag"
version = 1
title = "Every replica lags: writes are the limit"
headline = "All {replicas} replicas lag together, up to {max_ms}"
severity = "warning"
needs = ["repl"]
uses = ["host"]
rung = 7
summary = "All {replicas} replicas of one primary were at least {s} s behind at the same time (up to {max_ms}); the correlation of each with the others is {correlation} or more. {write_text} Adding a replica changes nothing: each must replay every write."
cause = "The primary writes more than any replica can apply."
checks = [
  "WAL per statement: indexes, full page images.",
  "A bulk job?",
  "The disk of the primary.",
]
fix = """
1. Fewer writes: unused indexes, batches.
2. Spread them over time.
3. Split the data over servers, only after that."""
proof = "The lag of all of them falls."
risk = "Batches take longer."
refuse = "Another replica."
quiet = "One late replica of several; fewer than two."
related = ["repl-lag-apply-bound"]

[thresholds]
s = { value = 5, unit = "s", source = "usual" }
r = { value = 0.95, unit = "correlation", source = "set here" }
crit = { value = 60, unit = "s", source = "common page line" }
*/
WITH whole AS (
  SELECT v.server_id, count(*) AS replicas, min(v.correlation) AS correlation, max(v.max_ms) AS max_ms, max(v.wal_rate) AS wal_rate,
    sum(v.max_ms >= :s * 1000) AS late, min(v.start_ns) AS start_ns, max(v.end_ns) AS end_ns
  FROM lag_verdict AS v WHERE v.scope = 'all' AND v.primary_view = 1 GROUP BY v.server_id
), busy AS (
  SELECT max(p.value) AS disk FROM series AS n CROSS JOIN point AS p ON p.series_id = n.id WHERE n.metric = 'system.disk.utilization'
)
SELECT CASE WHEN w.max_ms >= :crit * 1000 THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  coalesce(w.server_id, 0) AS subject_id, w.start_ns, w.end_ns, NULL AS gain_ms, w.replicas, w.max_ms, round(w.correlation, 3) AS correlation,
  coalesce('The primary is write-bound: its disk is busy for ' || CAST(round(100 * b.disk) AS INTEGER) || ' %.', 'The load of the primary''s disk is not in the data.') AS write_text
FROM whole AS w LEFT JOIN busy AS b WHERE w.replicas >= 2 AND w.late = w.replicas AND w.correlation >= :r LIMIT 10
