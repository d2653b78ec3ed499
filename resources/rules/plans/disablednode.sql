-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-disabled-node"
version = 1
title = "A switched-off node type was the only way"
headline = "{node} is switched off and was used all the same"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{node} was chosen although its kind is switched off ({evidence}): there was no other way to run this part of the statement."
cause = "An enable_* setting is off, and an index or a usable join condition that would allow another way is missing."
checks = [
  "Which enable_* setting is off, and who set it?",
  "With all of them on: is the same node chosen?",
]
fix = """
1. RESET the enable_* setting.
2. Give the planner another way: {remedy}"""
proof = "No disabled node in the plan."
risk = "Another plan for other statements of the session."
refuse = "Switching off more of them."
quiet = "Plans without disabled nodes."
related = ["plan-settings-changed", "plan-seq-scan-selective"]

[thresholds]
cost = { value = 10000000000.0, unit = "cost units", source = "the penalty of servers before 18" }
*/
WITH disabled AS (
  SELECT n.*, p.captured_at_ns, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra,
    '$."Disabled"') END AS disabled,
    coalesce((SELECT max(c.total_cost) FROM plan_node AS c WHERE c.plan_id = n.plan_id AND c.parent = n.node),
      0) AS below_cost
  FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
    AND (n.total_cost >= :cost OR n.extra LIKE '%"Disabled"%')
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, n.captured_at_ns AS start_ns, n.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node,
  CASE WHEN n.disabled THEN 'Disabled: true' ELSE 'its cost holds the penalty of 10 billion' END AS evidence,
  coalesce((SELECT c.ddl FROM index_candidate AS c WHERE c.plan_node_id = n.id AND c.rank = 1),
    'an index for a scan, an equality for a join.') AS remedy
FROM disabled AS n
WHERE n.disabled IN (1, 'true') OR (n.disabled IS NULL AND n.total_cost >= :cost
  AND n.total_cost - n.below_cost >= 0.99 * :cost
  AND n.node_type IN ('Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan', 'Tid Scan', 'Nested Loop',
    'Hash Join', 'Merge Join', 'Sort', 'Aggregate'))
ORDER BY n.id
