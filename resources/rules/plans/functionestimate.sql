-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-function-estimate"
version = 1
title = "Rows of a function are guessed"
headline = "{function}() returns {met_rows} rows, {expected_rows} were expected"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "The planner cannot see into {function}(): it expected {expected_rows} rows, the default, and met {met_rows} ({factor_x} {direction}). Joins above it were chosen on that guess."
cause = "A set-returning function has no statistics; without ROWS the planner takes 1,000 (100 before version 12 for some)."
checks = [
  "Does the function always return about as many rows?",
  "Is it a plain SQL function that could be inlined (STABLE or IMMUTABLE, one SELECT)?",
]
fix = """
1. ALTER FUNCTION {function} ROWS {met_rows_plain};
2. A plain SQL function that the planner can inline, or a planner support function."""
proof = "Expected and met rows of the Function Scan agree."
risk = "Plans of other callers change too."
refuse = "Planner switches for the joins above."
quiet = "Estimates within ten times, functions with an estimate of their own, fewer than 10 rows, statements below 10 ms."
related = ["plan-row-misestimate", "plan-default-selectivity"]

[thresholds]
w = { value = 10, unit = "factor", source = "set here" }
rows_w = { value = 10, unit = "rows", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), call AS (
  SELECT n.*, coalesce(CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Function Name"') END, n.alias,
    '?') AS function, n.actual_rows / n.loops AS met_rows
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'Function Scan' AND n.loops > 0 AND n.plan_rows IN (100, 1000) AND p.execution_ms >= :time_i
)
SELECT CASE WHEN n.parent IS NOT NULL AND p.execution_ms >= 1000 THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.function, n.plan_rows AS expected_rows, n.met_rows, CAST(round(n.met_rows) AS INTEGER)
    || '' AS met_rows_plain,
  max(n.plan_rows / max(n.met_rows, 1), max(n.met_rows, 1) / n.plan_rows) AS factor_x,
  CASE WHEN n.plan_rows > n.met_rows THEN 'fewer' ELSE 'more' END AS direction, p.execution_ms
FROM call AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.parent IS NOT NULL AND n.met_rows >= :rows_w AND (n.plan_rows >= :w * n.met_rows
  OR n.met_rows >= :w * n.plan_rows)
ORDER BY factor_x DESC, n.id
