-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cartesian"
version = 1
title = "Every row is joined with every row"
headline = "{outer_rows} × {inner_rows} rows are combined without a condition"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "A nested loop combines {outer_rows} rows with {inner_rows} rows each and compares nothing: {joined_rows} rows come out ({wall_ms})."
cause = "A join condition is missing, or CROSS JOIN is written on purpose."
checks = [
  "Is a comma between tables in FROM without a condition in WHERE?",
  "Does the condition compare two columns of the same table by mistake?",
]
fix = """
1. Write the missing join condition.
2. When every combination is wanted: aggregate each side first."""
proof = "The join shows a condition and returns about as many rows as its larger side."
risk = "The number of rows changes: that is the point."
refuse = "DISTINCT on top: it sorts what should not have been made."
quiet = "Fewer than 100,000 rows, inner sides of one row, inner sides with a condition of their own on the outer row; joins below 10 ms."
related = ["plan-join-filter-waste", "plan-distinct-sort"]

[thresholds]
rows_w = { value = 100000, unit = "rows", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), looped AS (
  SELECT n.id, n.plan_id, n.node, n.actual_rows, n.wall_ms, n.extra, o.actual_rows AS outer_rows, i.id AS inner_id,
    i.node AS inner_node,
    i.actual_rows / i.loops AS inner_rows, i.node_type AS inner_type, i.condition AS inner_condition
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  -- The outer side of a join follows it in pre-order.
  CROSS JOIN plan_node AS o ON o.plan_id = n.plan_id AND o.node = n.node + 1 AND o.parent = n.node
  CROSS JOIN plan_node AS i ON i.plan_id = n.plan_id AND i.parent = n.node AND i.node > o.node
  WHERE n.node_type = 'Nested Loop' AND n.loops = 1 AND n.actual_rows >= :rows_w AND n.wall_ms >= :time_i
    AND i.loops > 0 AND coalesce(i.parent_relationship, 'Inner') = 'Inner'
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.outer_rows, n.inner_rows, n.actual_rows AS joined_rows, n.wall_ms, p.execution_ms
FROM looped AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.inner_rows >= 2 AND n.outer_rows >= 2 AND n.actual_rows >= 0.99 * n.outer_rows * n.inner_rows
  AND n.inner_type IN ('Materialize', 'Seq Scan', 'Function Scan', 'CTE Scan', 'Subquery Scan', 'Values Scan',
    'Result')
  AND (CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Join Filter"') END) IS NULL
    AND n.inner_condition IS NULL
  AND NOT EXISTS (SELECT 1 FROM plan_node AS b WHERE b.plan_id = n.plan_id AND b.node >= n.inner_node
    AND b.node <= n.inner_node + 2 AND (b.condition IS NOT NULL OR b.node_type = 'Function Scan'))
ORDER BY n.wall_ms DESC, n.id
