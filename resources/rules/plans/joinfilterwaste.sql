-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-join-filter-waste"
version = 1
title = "Join compares pairs only to throw them away"
headline = "{join} throws {removed_pairs} pairs away"
severity = "critical"
needs = ["plan+"]
rung = 4
caused_by = ["plan-row-misestimate"]
summary = "The {join} compared {compared_pairs} pairs of rows and kept {kept_rows}; the join filter threw the rest away ({self_ms} by itself, {share_pct} of the execution). {remedy}"
cause = "The condition is no equality that an index, a hash or a merge can use, or it stands beside a weaker one."
checks = [
  "Is there an equality between both sides that could be written as one?",
  "Do the types of both columns agree? A cast keeps a hash join away.",
  "Would an index on the inner column serve the comparison?",
]
fix = """
1. Write the condition as an equality of plain columns, so that a hash join is possible.
2. {remedy}
3. For ranges: a GiST index on a range type, or a join per bucket."""
proof = "Rows Removed by Join Filter near 0."
risk = "A rewritten condition must keep the same rows: compare the number of rows."
refuse = "More work_mem: the pairs are compared all the same."
quiet = "Fewer than 10,000 pairs thrown away, less than a twentieth of the execution or 10 ms."
related = ["plan-cartesian", "plan-nested-loop-large-inner"]

[thresholds]
removed_w = { value = 10000, unit = "pairs", source = "practice of plan viewers" }
removed_c = { value = 1000000, unit = "pairs", source = "practice of plan viewers" }
share_w = { value = 0.05, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.self_ms < :time_w THEN 'info'
    WHEN n.rows_removed_by_join_filter > :removed_c AND n.self_ms >= 0.5 * p.execution_ms THEN 'critical'
    ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.node_type AS "join",
  n.rows_removed_by_join_filter AS removed_pairs, n.actual_rows AS kept_rows,
  n.actual_rows + n.rows_removed_by_join_filter AS compared_pairs, n.self_ms, p.execution_ms,
  min(100.0, 100.0 * n.self_ms / p.execution_ms) AS share_pct,
  coalesce('An index on the inner side: ' || (SELECT c.ddl FROM plan_node AS i CROSS JOIN index_candidate AS c
      ON c.plan_node_id = i.id AND c.rank = 1 WHERE i.plan_id = n.plan_id AND i.node > n.node AND i.node <= n.node + 4
      AND i.node_type = 'Seq Scan' AND n.node_type = 'Nested Loop' ORDER BY i.node DESC LIMIT 1),
    'An index on the inner column, when the comparison is one that an index serves.') AS remedy
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.loops > 0 AND n.rows_removed_by_join_filter >= :removed_w AND n.self_ms >= :time_i
  AND n.rows_removed_by_join_filter > n.actual_rows AND n.self_ms >= :share_w * p.execution_ms
ORDER BY n.self_ms DESC, n.id
