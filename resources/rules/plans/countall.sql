-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-count-all"
version = 1
title = "Everything is counted"
headline = "{rows} rows are read to return {returned_rows}"
severity = "info"
needs = ["plan+"]
rung = 6
summary = "The aggregate reads all {rows} rows of {relation} without a condition to return {returned_rows} ({wall_ms}, {share_pct} of the execution). It costs more with every row that is added."
cause = "A total over a whole table is computed on every call."
checks = [
  "Must the number be exact? An estimate is free: pg_class.reltuples.",
  "How often is it asked for? A page count on every page is a common case.",
  "Would an index-only scan of a narrow index do?",
]
fix = """
1. An estimate (reltuples, or the planner's own) where a rounded number is enough.
2. A counter or a summary table that is kept up to date.
3. VACUUM, so that an index-only scan can count without the table."""
proof = "The statement reads a few rows."
risk = "A counter is one more row to write, and all writers meet there."
refuse = "More workers for the same count."
quiet = "Fewer than a million rows, aggregates with a condition, statements below 100 ms."
related = ["plan-scan-without-limit", "plan-distinct-sort"]

[thresholds]
rows_w = { value = 1000000, unit = "rows", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_w = { value = 0.5, unit = "share", source = "set here" }
*/
WITH RECURSIVE plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), aggregate AS (
  SELECT n.id, n.plan_id, n.node, n.actual_rows, n.wall_ms FROM plans AS p CROSS
    JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'Aggregate' AND n.loops = 1 AND n.actual_rows <= 100 AND n.wall_ms >= :time_w
    AND n.wall_ms >= :share_w * p.execution_ms
), down(id, plan_id, node) AS (
  SELECT a.id, a.plan_id, a.node FROM aggregate AS a
  UNION ALL
  SELECT d.id, d.plan_id, c.node FROM down AS d
  CROSS JOIN plan_node AS c ON c.plan_id = d.plan_id AND c.node = d.node + 1 AND c.parent = d.node
  WHERE c.node_type IN ('Aggregate', 'Gather', 'Gather Merge', 'Seq Scan', 'Index Only Scan', 'Sort')
)
SELECT CASE WHEN n.wall_ms >= 10 * :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.wall_ms AS gain_ms,
  n.plan_id, s.relation, s.actual_rows AS rows, n.actual_rows AS returned_rows, n.wall_ms, p.execution_ms, min(100.0,
    100.0 * n.wall_ms / p.execution_ms) AS share_pct
FROM down AS d CROSS JOIN plan_node AS s ON s.plan_id = d.plan_id AND s.node = d.node
CROSS JOIN plan_node AS n ON n.id = d.id CROSS JOIN plans AS p ON p.id = d.plan_id
WHERE s.node_type IN ('Seq Scan', 'Index Only Scan') AND s.filter IS NULL AND s.condition IS NULL
  AND s.actual_rows >= :rows_w
  AND NOT EXISTS (SELECT 1 FROM aggregate AS u CROSS JOIN down AS v ON v.id = u.id
    WHERE u.plan_id = d.plan_id AND u.node < n.node AND v.node = s.node)
ORDER BY n.wall_ms DESC, n.id
