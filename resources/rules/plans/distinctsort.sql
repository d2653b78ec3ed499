-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-distinct-sort"
version = 1
title = "Rows are sorted only to drop duplicates"
headline = "{sorted_rows} rows are sorted to keep {kept_rows} different ones"
severity = "info"
needs = ["plan+"]
rung = 5
caused_by = ["plan-cartesian"]
summary = "Unique above Sort: {sorted_rows} rows are sorted to keep {kept_rows} different ones ({wall_ms}, {share_pct} of the execution)."
cause = "DISTINCT or UNION over many equal rows, often to hide that a join multiplied them."
checks = [
  "Why are there duplicates? A join along the wrong columns multiplies rows.",
  "Can the arms of the UNION hold the same row at all?",
  "Has the column few different values and an index? A recursive query can jump from value to value.",
]
fix = """
1. EXISTS instead of a join that only tests for a match.
2. UNION ALL when the arms cannot overlap.
3. For few different values: a recursive query over the index (loose index scan)."""
proof = "No Sort below Unique, or far fewer rows in it."
risk = "UNION ALL shows duplicates that UNION hid."
refuse = "More work_mem for the sort as the first step."
quiet = "Sorts below half of the execution or 100 ms, sorts of rows that mostly remain."
related = ["plan-memory-spill", "plan-cartesian"]

[thresholds]
share_w = { value = 0.5, unit = "share", source = "practice of plan viewers" }
kept_w = { value = 0.5, unit = "share", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= 10 * :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  s.self_ms AS gain_ms,
  n.plan_id, s.actual_rows AS sorted_rows, n.actual_rows AS kept_rows, s.self_ms + n.self_ms AS wall_ms,
    p.execution_ms,
  min(100.0, 100.0 * (s.self_ms + n.self_ms) / p.execution_ms) AS share_pct
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_node AS s ON s.plan_id = n.plan_id AND s.node = n.node + 1 AND s.parent = n.node
WHERE n.node_type = 'Unique' AND n.loops > 0 AND s.node_type = 'Sort' AND s.self_ms + n.self_ms >= :time_w
  AND s.self_ms + n.self_ms >= :share_w * p.execution_ms AND n.actual_rows <= :kept_w * s.actual_rows
ORDER BY s.self_ms DESC, n.id
