-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-scan-joins-few-rows"
version = 1
title = "Whole table is read to join a few rows"
headline = "{relation} is read whole to join {other_rows} rows"
severity = "warning"
needs = ["plan+"]
rung = 4
caused_by = ["plan-row-misestimate"]
summary = "All {scanned_rows} rows of {relation} are read ({self_ms}) and joined with {other_rows} rows of the other side; {joined_rows} rows remain. {remedy}"
cause = "No index on the join column, so the planner hashes or merges the whole table."
checks = [
  "Was the other side expected to be larger? Then correct that estimate first.",
  "Do the types of both join columns agree?",
]
fix = "1. {remedy}"
proof = "A nested loop with an index scan on {relation}; rows read near the rows joined."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "enable_hashjoin = off: it hides the missing index."
quiet = "Tables below 10,000 rows read, other sides above a tenth of them, joins that keep more than a tenth, scans below 10 ms; nothing when an index on the column exists."
related = ["plan-seq-scan-selective", "plan-row-misestimate"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
few = { value = 0.1, unit = "share", source = "practice of plan viewers" }
rows_c = { value = 1000000, unit = "rows", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.*, c.ddl, c.reason, coalesce(h.node, n.node) AS side, coalesce(h.parent, n.parent) AS join_node
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  CROSS JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1 AND c.ddl IS NOT NULL
  LEFT JOIN plan_node AS h ON h.plan_id = n.plan_id AND h.node = n.parent AND h.node_type IN ('Hash', 'Sort')
  WHERE n.node_type = 'Seq Scan' AND n.loops = 1 AND n.actual_rows >= :rows_w AND n.wall_ms >= :time_i
)
SELECT CASE WHEN s.wall_ms < :time_w THEN 'info' WHEN s.actual_rows >= :rows_c AND s.self_ms >= 0.5 * p.execution_ms
    THEN 'critical' ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  s.self_ms AS gain_ms,
  s.plan_id, s.relation, s.actual_rows AS scanned_rows, o.actual_rows AS other_rows, j.actual_rows AS joined_rows,
  s.self_ms, p.execution_ms, 'Try ' || s.ddl || ' ' || coalesce(s.reason, '') AS remedy, s.ddl
FROM scan AS s CROSS JOIN plans AS p ON p.id = s.plan_id
CROSS JOIN plan_node AS j ON j.plan_id = s.plan_id AND j.node = s.join_node
CROSS JOIN plan_node AS o ON o.plan_id = s.plan_id AND o.parent = j.node AND o.node <> s.side
WHERE j.node_type IN ('Hash Join', 'Merge Join') AND o.actual_rows <= :few * s.actual_rows
  AND j.actual_rows <= :few * s.actual_rows
GROUP BY s.id
ORDER BY s.self_ms DESC, s.id
