-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-default-selectivity"
version = 1
title = "Estimate is a default, not knowledge"
headline = "{node}: the planner fell back to {guess}"
severity = "info"
needs = ["plan+"]
rung = 3
summary = "The planner expected {expected_rows} rows of {all_rows} from {node}, {guess}: what it assumes when statistics say nothing about a condition. It met {met_rows} ({factor_x} {direction})."
cause = "The condition compares an expression, a function or a parameter that no statistics describe."
checks = [
  "Which expression does the filter compare?",
  "Is the function immutable, so that it can have statistics?",
]
fix = """
1. {remedy}
2. Compare the plain column, so that its statistics count."""
proof = "The estimate follows the data after ANALYZE."
risk = "A little more work for ANALYZE."
refuse = "Planner switches."
quiet = "Estimates within ten times, fewer than 1,000 rows, statements below 10 ms; plain columns."
related = ["plan-row-misestimate", "plan-function-estimate"]

[thresholds]
w = { value = 10, unit = "factor", source = "set here" }
rows_w = { value = 1000, unit = "rows", source = "set here" }
near = { value = 0.02, unit = "share", source = "set here: rounding of the printed rows" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.*, n.actual_rows + n.rows_removed_by_filter AS all_rows, n.actual_rows / n.loops AS met_rows,
    n.plan_rows * n.loops / (n.actual_rows + n.rows_removed_by_filter) AS share,
    (SELECT min(c.wrapped_in) FROM plan_condition AS c WHERE c.plan_node_id = n.id AND c.place = 'filter'
      AND c.wrapped_in NOT IN ('::text', '::varchar', '::bpchar')) AS wrapped
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'Seq Scan' AND n.loops > 0 AND n.actual_rows + n.rows_removed_by_filter >= :rows_w
    AND p.execution_ms >= :time_i AND n.plan_rows > 0
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.plan_rows AS expected_rows, n.all_rows / n.loops AS all_rows, n.met_rows,
  CASE WHEN abs(n.share - 0.005) <= :near * 0.005 THEN '0.5 % of the rows' ELSE 'a third of the rows' END AS guess,
  max(n.plan_rows / max(n.met_rows, 1), max(n.met_rows, 1) / n.plan_rows) AS factor_x,
  CASE WHEN n.plan_rows > n.met_rows THEN 'fewer' ELSE 'more' END AS direction, n.wrapped,
  'Statistics on the expression: CREATE STATISTICS <name> ON (<the expression with ' || n.wrapped || '>) FROM '
    || coalesce(n.schema || '.', '') || n.relation || '; ANALYZE ' || coalesce(n.schema || '.', '') || n.relation
    || '; (PostgreSQL 14 or later; an expression index has the same effect).' AS remedy
FROM scan AS n
CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.wrapped IS NOT NULL
  AND (abs(n.share - 0.005) <= :near * 0.005 OR abs(n.share - 1.0 / 3) <= :near / 3)
  AND (n.plan_rows >= :w * max(n.met_rows, 1) OR n.met_rows >= :w * n.plan_rows)
ORDER BY n.wall_ms DESC, n.id
