-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-nested-loop-large-inner"
version = 1
title = "Nested loop repeats its inner side too often"
headline = "Nested loop runs {inner} {loops} times"
severity = "critical"
needs = ["plan+"]
rung = 3
caused_by = ["plan-row-misestimate", "plan-seq-scan-selective", "plan-index-filter-removes-most"]
summary = "The inner side of the nested loop ({inner}) ran {loops} times and took {inner_ms}, {share_pct} of the execution. A nested loop is right for a handful of outer rows."
cause = "The outer side is larger than the planner expected, or the inner key has no index."
checks = [
  "Expected and met rows of the outer side.",
  "An index on the inner join column?",
  "The time of one loop times the loops, not the printed time alone.",
]
fix = """
1. When the outer estimate is wrong: correct the statistics first.
2. {index_remedy}
3. With right estimates and an index the planner takes a hash or merge join by itself where that is faster."""
proof = "The join type changes or the time of the inner side falls, and the total with it."
risk = "A hash join takes memory; another statement may change its plan too."
refuse = "enable_nestloop = off: it punishes every statement for which the loop is right."
quiet = "Fewer than 1,000 loops, inner sides below a third of the execution, quick lookups, a Memoize that mostly hits."
related = ["plan-row-misestimate", "fk-unindexed", "stmt-n-plus-one"]

[thresholds]
loops_w = { value = 1000, unit = "loops", source = "set here" }
loops_c = { value = 100000, unit = "loops", source = "set here" }
share_w = { value = 0.3, unit = "share", source = "set here" }
quick_ms = { value = 0.1, unit = "ms", source = "set here: an index lookup in memory" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH inner_side AS (
  SELECT j.id, j.plan_id, i.node_type, i.relation, i.loops, i.wall_ms, i.total_ms, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    CASE WHEN json_valid(i.extra) THEN json_extract(i.extra, '$."Cache Hits"') END AS hits,
    CASE WHEN json_valid(i.extra) THEN json_extract(i.extra, '$."Cache Misses"') END AS misses
  FROM plan AS p CROSS JOIN plan_node AS i ON i.plan_id = p.id
  CROSS JOIN plan_node AS j ON j.plan_id = i.plan_id AND j.node = i.parent
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND i.loops >= :loops_w AND j.node_type = 'Nested Loop'
    AND (i.parent_relationship = 'Inner' OR (i.parent_relationship IS NULL AND i.position = 1))
)
SELECT CASE WHEN s.loops >= :loops_c AND s.wall_ms >= :time_c THEN 'critical'
    WHEN s.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  s.wall_ms AS gain_ms,
  s.plan_id, s.node_type || coalesce(' on ' || s.relation, '') AS inner, s.loops, s.wall_ms AS inner_ms,
  coalesce('Index the join column: ' || (SELECT c.ddl FROM index_candidate AS c WHERE c.plan_node_id = s.id
    AND c.rank = 1),
    'Index the join column of ' || s.node_type || coalesce(' on ' || s.relation, '') || ', if it has no index.')
    AS index_remedy,
  s.total_ms AS per_loop_ms, s.execution_ms, min(100.0, 100.0 * s.wall_ms / s.execution_ms) AS share_pct
FROM inner_side AS s
WHERE s.wall_ms >= :share_w * s.execution_ms AND NOT (s.total_ms < :quick_ms AND s.wall_ms < :time_w)
  AND NOT (s.node_type = 'Memoize' AND coalesce(s.hits, 0) > coalesce(s.misses, 0))
ORDER BY s.wall_ms DESC, s.id
