-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-merge-join-sort"
version = 1
title = "Large inputs are sorted for a merge join"
headline = "Sorting for the merge join takes {sort_ms}"
severity = "info"
needs = ["plan+"]
rung = 4
caused_by = ["plan-row-misestimate"]
summary = "The merge join sorts {sorted_rows} rows first ({sort_ms}, {share_pct} of the execution{disk}). A hash join needs no order; an index on the join column delivers it."
cause = "No index gives the order of the join column, and a hash join was dearer or switched off."
checks = [
  "Are the inputs estimated right?",
  "Is enable_hashjoin off, or work_mem too small for the hash table?",
  "Do the types of both columns allow hashing?",
]
fix = """
1. An index on the join column of the sorted side, when its rows are needed in this order.
2. work_mem for this statement, so that a hash join of the smaller side fits."""
proof = "A hash join, or a merge join without a Sort."
risk = "A hash join takes memory per node and session."
refuse = "enable_mergejoin = off for the server."
quiet = "Sorts in memory below half of the execution, sorts below 100 ms; inputs that are sorted already."
related = ["plan-memory-spill", "plan-row-misestimate"]

[thresholds]
share_w = { value = 0.5, unit = "share", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), sorted AS (
  SELECT j.id, j.plan_id, sum(n.self_ms) AS sort_ms, sum(n.actual_rows) AS sorted_rows, max(coalesce(n.sort_disk,
    0)) AS on_disk
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  CROSS JOIN plan_node AS j ON j.plan_id = n.plan_id AND j.node = n.parent
  WHERE n.node_type = 'Sort' AND n.loops > 0 AND j.node_type = 'Merge Join' GROUP BY j.id
)
SELECT CASE WHEN n.on_disk AND n.sort_ms >= :share_w * p.execution_ms THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.sort_ms AS gain_ms,
  n.plan_id, n.sort_ms, n.sorted_rows, CASE WHEN n.on_disk THEN ', partly on disk' ELSE '' END AS disk,
    p.execution_ms,
  min(100.0, 100.0 * n.sort_ms / p.execution_ms) AS share_pct
FROM sorted AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.sort_ms >= :time_w AND (n.sort_ms >= :share_w * p.execution_ms OR n.on_disk)
ORDER BY n.sort_ms DESC, n.id
