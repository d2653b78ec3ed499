-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cte-estimate"
version = 1
title = "A WITH query hides its size from the planner"
headline = "WITH query {cte}: {expected_rows} rows expected, {met_rows} met"
severity = "warning"
needs = ["plan+"]
rung = 5
caused_by = ["plan-row-misestimate"]
summary = "The rows of WITH query {cte} are computed once and read as a table without statistics: the planner expected {expected_rows} and met {met_rows} ({factor_x} {direction}), and {consumer} above it is wrong by as much ({consumer_x})."
cause = "A materialised WITH query has no statistics of its own."
checks = [
  "Is it read more than once? Otherwise it can be inlined.",
  "Are the estimates inside of it right?",
]
fix = """
1. WITH {cte} AS NOT MATERIALIZED (...) when it is read once or cheap to repeat.
2. ANALYZE the tables inside of it.
3. A temporary table with ANALYZE when it is read often."""
proof = "Expected and met rows of the CTE Scan agree, and the joins above change."
risk = "An inlined query runs once for each reference."
refuse = "Hints or planner switches for the joins above."
quiet = "Estimates within three times, fewer than 100 rows, consumers that are estimated well, statements below 100 ms."
related = ["plan-row-misestimate", "plan-cte-blocks-pushdown"]

[thresholds]
off = { value = 3, unit = "factor", source = "practice of plan viewers" }
rows_w = { value = 100, unit = "rows", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), cte AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."CTE Name"') END AS cte,
    n.actual_rows / n.loops AS met_rows,
    max(max(n.plan_rows, 1) / max(n.actual_rows / n.loops, 1), max(n.actual_rows / n.loops, 1) / max(n.plan_rows,
      1)) AS factor_x
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'CTE Scan' AND n.loops > 0 AND n.plan_rows IS NOT NULL AND p.execution_ms >= :time_w
), consumer AS (
  SELECT c.id AS cte_id, u.node_type, u.actual_rows / u.loops AS met_rows,
    max(max(u.plan_rows, 1) / max(u.actual_rows / u.loops, 1), max(u.actual_rows / u.loops, 1) / max(u.plan_rows,
      1)) AS factor_x
  FROM cte AS c CROSS JOIN plan_node AS m ON m.plan_id = c.plan_id AND m.node = c.parent
  -- What hashes, sorts or stores the rows hands them on to the one that uses them.
  CROSS JOIN plan_node AS u ON u.plan_id = c.plan_id
    AND u.node = CASE WHEN m.node_type IN ('Hash', 'Sort', 'Materialize') THEN m.parent ELSE m.node END
  WHERE u.loops > 0 AND u.plan_rows IS NOT NULL AND u.node_type NOT IN ('Limit', 'Hash', 'Sort', 'Materialize')
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, coalesce(n.cte, n.alias, '?') AS cte, n.plan_rows AS expected_rows, n.met_rows, n.factor_x,
  CASE WHEN n.plan_rows > n.met_rows THEN 'fewer' ELSE 'more' END AS direction, u.node_type AS consumer,
  u.factor_x AS consumer_x, p.execution_ms
FROM cte AS n CROSS JOIN plans AS p ON p.id = n.plan_id CROSS JOIN consumer AS u ON u.cte_id = n.id
WHERE n.factor_x >= :off AND u.factor_x > :off AND max(n.met_rows, n.plan_rows) >= :rows_w
ORDER BY n.factor_x DESC, n.id
