-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-subplan-repeated"
version = 1
title = "Correlated subquery runs once per row"
headline = "{subplan} runs {loops} times"
severity = "critical"
needs = ["plan+"]
rung = 5
caused_by = ["plan-seq-scan-selective", "plan-index-filter-removes-most"]
summary = "{subplan} ({node}) depends on the row around it and ran {loops} times, {wall_ms} together, {share_pct} of the execution."
cause = "A subquery in the SELECT list or the WHERE clause refers to columns of the outer query."
checks = ["Can the subquery be written as a join, a LATERAL join or a window function?", "Is its condition indexed?"]
fix = """
1. Rewrite it as a join against a grouped subquery, or as a window function.
2. NOT EXISTS instead of NOT IN, so that it becomes an anti-join.
3. When it must stay: an index on the columns it compares."""
proof = "No SubPlan with that many loops; the time moves to one join."
risk = "The rewritten query may count duplicates differently: check the number of rows."
refuse = "A cache in the application for what one query can do."
quiet = "Fewer than 1,000 loops or less than 10 ms together; hashed subplans."
related = ["plan-nested-loop-large-inner"]

[thresholds]
loops_w = { value = 1000, unit = "loops", source = "practice of plan viewers" }
loops_c = { value = 100000, unit = "loops", source = "set here" }
share_w = { value = 0.1, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH subplan AS (
  SELECT n.id, n.plan_id, n.node_type, n.relation, n.subplan_name, n.loops, n.wall_ms, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.parent_relationship = 'SubPlan' AND n.loops >= :loops_w
    AND n.wall_ms >= :time_i
)
SELECT CASE WHEN s.loops >= :loops_c AND s.wall_ms >= :time_c THEN 'critical'
    WHEN s.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  s.wall_ms AS gain_ms,
  s.plan_id, coalesce(s.subplan_name, 'A subplan') AS subplan, s.node_type || coalesce(' on ' || s.relation,
    '') AS node,
  s.loops, s.wall_ms, s.execution_ms, min(100.0, 100.0 * s.wall_ms / s.execution_ms) AS share_pct
FROM subplan AS s
WHERE s.wall_ms >= :share_w * s.execution_ms OR s.wall_ms >= :time_w
ORDER BY s.wall_ms DESC, s.id
