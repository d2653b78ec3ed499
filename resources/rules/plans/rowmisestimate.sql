-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-row-misestimate"
version = 1
title = "Planner expected a very different number of rows"
headline = "{node}: {factor_x} {direction} rows than expected"
severity = "critical"
needs = ["plan+"]
uses = ["tabstat"]
rung = 3
summary = "The planner expected {expected_rows} rows per loop from {node} and met {met_rows} ({factor_x} {direction}). This is the lowest node where the estimate breaks; join order and join types above it were chosen on that error."
cause = "Statistics that are out of date, too coarse for this column, or blind to columns that depend on each other."
checks = [
  "When were the statistics of the table refreshed, and how many rows changed since?",
  "One filter column or several? Several that depend on each other need extended statistics.",
  "Is the value rare or very common? Then the list of common values is too short.",
  "Was much data loaded shortly before?",
]
fix = """
1. {remedy}
2. Take the plan again; only then judge the nodes above.
3. When it returns: a smaller autovacuum_analyze_scale_factor for this table, or a higher statistics target for the column."""
proof = "Expected and met rows agree within ten times at this node, and the plan changes or the time falls."
risk = "A short read load while statistics are gathered; a new plan may be slower for another statement."
refuse = "Planner switches, or an index before the estimate is right."
quiet = "Fewer than 100 rows on both sides, nodes that a LIMIT, a semi-join or a merge join stopped early, nodes never executed, fast statements."
related = ["table-stats-stale", "plan-nested-loop-large-inner"]

[thresholds]
w = { value = 10, unit = "factor", source = "set here; visible effects begin about here" }
c = { value = 100, unit = "factor", source = "set here; examples reach 1,000 and more" }
rows = { value = 100, unit = "rows", source = "set here: below it a wrong guess is harmless" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH RECURSIVE checked AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.node_type, n.relation, n.schema, n.wall_ms, n.plan_rows,
    n.actual_rows / n.loops AS met_rows, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.loops > 0 AND n.actual_rows IS NOT NULL
    AND n.plan_rows IS NOT NULL
    AND n.node_type NOT IN ('Limit', 'BitmapAnd', 'BitmapOr', 'ModifyTable', 'Result', 'LockRows', 'WorkTable Scan')
), bad AS MATERIALIZED (
  SELECT c.*, max(c.plan_rows, 1) / max(c.met_rows, 1) AS over_x
  FROM checked AS c
  WHERE max(c.plan_rows, c.met_rows) >= :rows AND c.execution_ms >= :time_i
    AND (max(c.plan_rows, 1) >= :w * max(c.met_rows, 1) OR max(c.met_rows, 1) >= :w * max(c.plan_rows, 1))
), walk(id, plan_id, node, stopped) AS (
  -- Upwards from each bad node until something that may end it early, or something that reads all of its input.
  SELECT b.id, b.plan_id, b.node, 0 FROM bad AS b
  UNION ALL
  SELECT w.id, w.plan_id, u.node,
    u.node_type IN ('Limit', 'Merge Join') OR c.parent_relationship IN ('InitPlan', 'SubPlan')
      OR (coalesce(u.join_type, '') IN ('Semi', 'Anti') AND coalesce(c.parent_relationship, 'Inner') = 'Inner')
  FROM walk AS w
  CROSS JOIN plan_node AS c ON c.plan_id = w.plan_id AND c.node = w.node
  CROSS JOIN plan_node AS u ON u.plan_id = c.plan_id AND u.node = c.parent
  WHERE NOT w.stopped AND u.node_type NOT IN ('Sort', 'Hash', 'Aggregate', 'HashAggregate')
), comparable AS MATERIALIZED (
  SELECT b.* FROM bad AS b LEFT JOIN (SELECT DISTINCT id FROM walk WHERE stopped) AS s ON s.id = b.id
  WHERE s.id IS NULL
), lowest AS (
  SELECT b.*, max(b.over_x, 1.0 / b.over_x) AS factor_x,
    coalesce(b.schema || '.', '') || b.relation AS table_name
  FROM comparable AS b
  LEFT JOIN (SELECT DISTINCT plan_id, parent FROM comparable) AS k ON k.plan_id = b.plan_id AND k.parent = b.node
  WHERE k.parent IS NULL AND b.node_type NOT IN ('Hash', 'Gather', 'Gather Merge', 'Materialize', 'Memoize', 'Sort')
), judged AS (
  SELECT l.*,
    CASE WHEN l.factor_x >= :c AND l.execution_ms >= :time_c THEN 'critical'
      WHEN l.factor_x >= :c AND l.execution_ms >= :time_i THEN 'warning'
      WHEN l.execution_ms >= :time_w THEN 'warning' END AS severity,
    (SELECT group_concat(name, ', ') FROM (SELECT DISTINCT c."column" AS name FROM plan_condition AS c
      WHERE c.plan_node_id = l.id AND c.place IN ('filter', 'index_cond', 'recheck_cond') ORDER BY 1)) AS columns
  FROM lowest AS l
)
SELECT j.severity, 'plan_node' AS subject_kind, j.id AS subject_id, j.captured_at_ns AS start_ns,
  j.captured_at_ns AS end_ns, NULL AS gain_ms,
  j.plan_id, j.node_type || coalesce(' on ' || j.relation, '') AS node, j.relation,
  j.plan_rows AS expected_rows, j.met_rows, j.factor_x,
  CASE WHEN j.over_x > 1 THEN 'fewer' ELSE 'more' END AS direction,
  CASE WHEN j.relation IS NULL
      THEN 'Refresh the statistics of the tables below (ANALYZE); if the inputs are estimated well, the join or grouping columns depend on each other: CREATE STATISTICS on them.'
    WHEN j.columns LIKE '%, %'
      THEN 'ANALYZE ' || j.table_name
        || '; and if that does not help: CREATE STATISTICS <name> (dependencies, ndistinct, mcv) ON '
        || j.columns || ' FROM ' || j.table_name || ';'
    ELSE 'ANALYZE ' || j.table_name || ';' END AS remedy,
  j.columns, j.wall_ms, j.execution_ms
FROM judged AS j
WHERE j.severity IS NOT NULL
ORDER BY j.factor_x DESC, j.id
