-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-too-many-partitions"
version = 1
title = "Planning opens very many partitions"
headline = "{members} members of one Append cost {planning_ms} of planning"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "The plan has {members} members below one Append; planning took {planning_ms}, {share_pct} of planning and execution together ({execution_ms})."
cause = "Every member, mostly a partition, is opened and locked for every plan, even when it returns nothing."
checks = [
  "Does the condition name the partition key with a constant?",
  "Are partitions finer than the questions asked of them?",
]
fix = """
1. Name the partition key in the WHERE clause.
2. Coarser partitions, or detach old ones.
3. Prepared statements, so that it is planned once."""
proof = "Planning time falls with the number of partitions."
risk = "A change of the partitioning rewrites or moves data."
refuse = "More memory for the plan cache."
quiet = "Fewer than 100 members, planning below a fifth of the whole or 5 ms."
related = ["plan-no-pruning", "plan-planning-dominates"]

[thresholds]
members_w = { value = 100, unit = "partitions", source = "practice of plan viewers" }
share_w = { value = 0.2, unit = "share", source = "practice of plan viewers" }
ms = { value = 5, unit = "ms", source = "practice of plan viewers" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, p.planning_ms, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), member AS (
  SELECT c.plan_id, c.parent, count(*) AS members FROM plans AS p CROSS JOIN plan_node AS c ON c.plan_id = p.id
  CROSS JOIN plan_node AS a ON a.plan_id = c.plan_id AND a.node = c.parent
  WHERE p.planning_ms >= :ms AND p.planning_ms >= :share_w * (p.planning_ms + p.execution_ms)
    AND a.node_type IN ('Append', 'Merge Append') GROUP BY c.plan_id, c.parent
)
SELECT CASE WHEN p.planning_ms >= 100 THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  p.planning_ms AS gain_ms,
  n.plan_id, m.members, p.planning_ms, p.execution_ms,
  100.0 * p.planning_ms / (p.planning_ms + p.execution_ms) AS share_pct
FROM member AS m CROSS JOIN plans AS p ON p.id = m.plan_id
CROSS JOIN plan_node AS n ON n.plan_id = m.plan_id AND n.node = m.parent
WHERE m.members > :members_w
ORDER BY p.planning_ms DESC, n.id
