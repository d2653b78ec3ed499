-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-no-pruning"
version = 1
title = "Query touches every partition"
headline = "All {members} partitions are read"
severity = "warning"
needs = ["plan+"]
uses = ["catalog"]
rung = 5
summary = "The plan reads {members} {of_what} of {relation} and removes none ({wall_ms}, {share_pct} of the execution); {filter_note} Each partition is opened and searched in turn, which is slower than one table."
cause = "The condition lacks the partition key, or wraps it in a function or another type."
checks = [
  "Which column is the partition key? Is it in the WHERE clause, bare and of the same type?",
  "How many frequent statements lack it?",
]
fix = """
1. Add the partition key to the WHERE clause, compared with a constant or a parameter of its own type.
2. Partition by the column that the frequent statements use.
3. Merge the partitions again if none of them do."""
proof = "Fewer partitions in the plan, or 'Subplans Removed'."
risk = "The text of the statement changes."
refuse = "More partitions as a general way to be faster."
quiet = "Fewer than four partitions (ten when the catalog is unknown), plans with 'Subplans Removed' or partitions never executed, no condition at all, less than 10 ms."
related = ["plan-too-many-partitions", "plan-count-all"]

[thresholds]
n = { value = 4, unit = "partitions", source = "set here" }
n_unknown = { value = 10, unit = "partitions", source = "practice of plan viewers" }
share_w = { value = 0.2, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), arm AS (
  -- A partition is called like its parent with _1, _2, ... behind.
  SELECT a.id, a.plan_id, c.relation, c.loops, coalesce(c.filter, c.condition) AS condition, c.id AS node_id,
    rtrim(c.alias, '0123456789') AS family, b.parent_oid, b.server_id
  FROM plans AS p CROSS JOIN plan_node AS a ON a.plan_id = p.id
  CROSS JOIN plan_node AS c ON c.plan_id = a.plan_id AND c.parent = a.node
  LEFT JOIN db_table AS b ON b.relname = c.relation AND (c.schema IS NULL OR b.schemaname = c.schema)
    AND b.parent_oid > 0
  WHERE a.node_type IN ('Append', 'Merge Append') AND a.loops > 0 AND a.wall_ms >= :time_i AND c.relation IS NOT NULL
    AND coalesce(json_extract(CASE WHEN json_valid(a.extra) THEN a.extra ELSE '{}' END, '$."Subplans Removed"'),
      0) = 0
), counted AS (
  SELECT a.id, count(*) AS members, count(DISTINCT a.family) AS families, min(a.loops) AS least_loops,
    max(a.parent_oid) AS parent_oid,
    max(a.server_id) AS server_id, max(a.condition IS NOT NULL) AS is_filtered, min(a.node_id) AS first_node,
      min(a.family) AS family
  FROM arm AS a GROUP BY a.id
), parents AS MATERIALIZED (
  SELECT t.parent_oid, t.server_id, count(*) AS partitions FROM db_table AS t WHERE t.parent_oid > 0 GROUP BY 1, 2
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, k.members, coalesce((SELECT t.relname FROM db_table AS t WHERE t.oid = k.parent_oid
    AND t.server_id IS k.server_id),
    rtrim(k.family, '_')) AS relation,
  CASE WHEN o.partitions IS NULL THEN 'partitions' ELSE 'of ' || o.partitions || ' partitions' END AS of_what,
  'the condition compares ' || coalesce((SELECT group_concat(DISTINCT c."column") FROM plan_condition AS c
    WHERE c.plan_node_id = k.first_node), 'an expression') || '.' AS filter_note,
  n.wall_ms, p.execution_ms, min(100.0, 100.0 * n.wall_ms / p.execution_ms) AS share_pct
FROM counted AS k CROSS JOIN plan_node AS n ON n.id = k.id CROSS JOIN plans AS p ON p.id = n.plan_id
LEFT JOIN parents AS o ON o.parent_oid = k.parent_oid AND o.server_id IS k.server_id
WHERE k.families = 1 AND k.family LIKE '%\_' ESCAPE '\' AND k.least_loops > 0 AND k.is_filtered
  AND n.wall_ms >= :share_w * p.execution_ms
  AND CASE WHEN o.partitions IS NULL THEN k.members >= :n_unknown ELSE k.members >= :n
    AND k.members >= o.partitions END
ORDER BY n.wall_ms DESC, n.id
