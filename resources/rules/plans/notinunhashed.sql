-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-not-in-unhashed"
version = 1
title = "NOT IN reads its subquery once per row"
headline = "NOT IN of {node} is not hashed"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "The filter of {node} holds NOT (SubPlan) that is not hashed: the list of the subquery is searched from the beginning for each of {examined_rows} rows ({wall_ms})."
cause = "NOT IN with a list that does not fit in work_mem, or of a type that cannot be hashed. NULLs in the list forbid an anti-join."
checks = [
  "Can the column of the subquery be NULL? NOT IN then returns nothing at all.",
  "How many rows does the subquery return?",
]
fix = """
1. NOT EXISTS (SELECT 1 FROM ... WHERE inner column = outer column): it becomes an anti-join.
2. SET LOCAL work_mem to more, so that the list is hashed, when the text cannot be changed."""
proof = "An anti-join, or 'hashed SubPlan' in the filter."
risk = "NOT EXISTS treats NULL differently: check which answer is wanted."
refuse = "An index on the outer column."
quiet = "Hashed subplans, fewer than 1,000 rows, scans below 10 ms."
related = ["plan-subplan-repeated"]

[thresholds]
rows_w = { value = 1000, unit = "rows", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.wall_ms AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows, n.wall_ms,
    p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.loops > 0 AND n.wall_ms >= :time_i AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w
  AND (n.filter LIKE '%(NOT (SubPlan %' OR n.filter LIKE '%<> ALL (SubPlan %'
    OR n.filter LIKE '%NOT (ANY (%SubPlan %')
  AND n.filter NOT LIKE '%hashed SubPlan%'
ORDER BY n.wall_ms DESC, n.id
