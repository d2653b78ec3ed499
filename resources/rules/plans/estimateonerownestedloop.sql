-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-estimate-one-row-nested-loop"
version = 1
title = "One row expected, many met, inside a nested loop"
headline = "{outer}: 1 row expected, {met_rows} met, so the loop ran {loops} times"
severity = "critical"
needs = ["plan+"]
rung = 3
caused_by = ["plan-row-misestimate"]
summary = "The planner expected one row from {outer} and met {met_rows}. For one row a nested loop is the best join; here it ran its inner side {loops} times and took {inner_ms}, {share_pct} of the execution."
cause = "The outer side is underestimated: statistics that are out of date, columns that depend on each other, or a value the statistics do not know."
checks = [
  "Which condition of {outer} is estimated wrong? Its own finding tells.",
  "Does ANALYZE of its tables change the estimate?",
]
fix = """
1. ANALYZE the tables of the outer side; CREATE STATISTICS when several of its columns depend on each other.
2. Take the plan again; with the right number the planner leaves the nested loop by itself.
3. As a test in one session only: SET enable_nestloop = off; shows what another join would take."""
proof = "The outer estimate is right and a hash or merge join takes the place of the loop."
risk = "Another statement may change its plan too."
refuse = "enable_nestloop = off for good: it punishes every statement for which the loop is right."
quiet = "Fewer than 100 outer rows, inner sides below 10 ms or a tenth of the execution."
related = ["plan-row-misestimate", "plan-nested-loop-large-inner"]

[thresholds]
met_w = { value = 100, unit = "rows", source = "practice of plan viewers" }
share_w = { value = 0.1, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN i.wall_ms >= :time_c AND i.wall_ms >= 0.5 * p.execution_ms THEN 'critical' WHEN i.wall_ms >= :time_w
  THEN 'warning'
    ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, o.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  i.wall_ms AS gain_ms,
  o.plan_id, o.node_type || coalesce(' on ' || o.relation, CASE o.node_type WHEN 'CTE Scan' THEN ' on '
    || o.alias END, '') AS outer, o.actual_rows / o.loops AS met_rows, i.loops, i.wall_ms AS inner_ms, p.execution_ms,
  min(100.0, 100.0 * i.wall_ms / p.execution_ms) AS share_pct
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
-- The outer side of a join follows it in pre-order.
CROSS JOIN plan_node AS o ON o.plan_id = n.plan_id AND o.node = n.node + 1 AND o.parent = n.node
CROSS JOIN plan_node AS i ON i.plan_id = n.plan_id AND i.parent = n.node AND i.node > o.node
WHERE n.node_type = 'Nested Loop' AND o.loops > 0 AND o.plan_rows <= 1 AND o.actual_rows >= :met_w * o.loops
  AND coalesce(i.parent_relationship, 'Inner') = 'Inner' AND i.wall_ms >= :time_i
  AND i.wall_ms >= :share_w * p.execution_ms
ORDER BY i.wall_ms DESC, o.id
