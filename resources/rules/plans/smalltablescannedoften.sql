-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-small-table-scanned-often"
version = 1
title = "Small table is scanned again and again"
headline = "{relation} is scanned {loops} times"
severity = "warning"
needs = ["plan+"]
rung = 4
caused_by = ["plan-row-misestimate"]
summary = "{relation} is small ({rows_per_loop} rows a time), but its sequential scan ran {loops} times and took {wall_ms} together, {share_pct} of the execution. {remedy}"
cause = "A nested loop or a subquery reads the whole table once per outer row."
checks = [
  "How many outer rows did the planner expect? A hash join reads the table once.",
  "Is there an index on the column that is compared?",
]
fix = """
1. {remedy}
2. Correct the estimate of the outer side; then the planner takes a hash join by itself."""
proof = "The scan runs once, or an index scan takes its place; its time falls to about the share of one run."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "Caching the small table in the application: the join itself costs the time."
quiet = "Fewer than 1,000 loops, less than a tenth of the execution, scans below 10 ms together; large tables (another rule)."
related = ["plan-nested-loop-large-inner", "plan-row-misestimate"]

[thresholds]
loops_w = { value = 1000, unit = "loops", source = "practice of plan viewers" }
share_w = { value = 0.1, unit = "share", source = "set here" }
small = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
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
  n.plan_id, n.relation, n.loops, (n.actual_rows + coalesce(n.rows_removed_by_filter, 0)) / n.loops AS rows_per_loop,
  n.wall_ms, p.execution_ms, min(100.0, 100.0 * n.wall_ms / p.execution_ms) AS share_pct,
  coalesce('Let an index find the rows of one loop: ' || (SELECT c.ddl FROM index_candidate AS c
    WHERE c.plan_node_id = n.id AND c.rank = 1),
      'Index the column that the loop compares, or make a hash join possible.')
    AS remedy
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type = 'Seq Scan' AND n.loops >= :loops_w AND n.wall_ms >= :time_i
  AND n.wall_ms >= :share_w * p.execution_ms
  AND (n.actual_rows + coalesce(n.rows_removed_by_filter, 0)) / n.loops < :small
ORDER BY n.wall_ms DESC, n.id
