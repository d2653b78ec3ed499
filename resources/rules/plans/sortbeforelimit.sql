-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-sort-before-limit"
version = 1
title = "Sorting many rows to return a few"
headline = "{sorted_rows} rows of {relation} sorted to return {returned_rows}"
severity = "warning"
needs = ["plan+"]
rung = 4
caused_by = ["plan-seq-scan-selective", "plan-index-filter-removes-most"]
summary = "All {sorted_rows} matching rows of {relation} are fetched and sorted although {returned_rows} are returned ({wall_ms}). An index that ends with the sort columns delivers them in order and stops."
cause = "No index ends with the sort columns."
checks = [
  "Equality columns of the filter first, then the sort columns.",
  "Direction and position of NULLs as in the ORDER BY.",
  "A range comparison before the sort column takes the order away.",
]
fix = """
1. {remedy}"""
proof = "No Sort node; the rows read equal the limit."
risk = "One more index to write per insert and per update of its columns."
refuse = "More work_mem: it hides the sort and keeps the reading."
quiet = "Fewer than 10,000 rows sorted, limits above 100, sorts over joins and aggregates, plans below 50 ms."
related = ["plan-memory-spill", "plan-deep-offset"]

[thresholds]
in_w = { value = 10000, unit = "rows", source = "set here" }
lim = { value = 100, unit = "rows", source = "set here" }
time_w = { value = 50, unit = "ms", source = "set here" }
*/
WITH sorted AS (
  SELECT l.id, l.plan_id, l.actual_rows AS returned_rows, s.wall_ms, s.extra, s.node, p.captured_at_ns
  FROM plan AS p CROSS JOIN plan_node AS l ON l.plan_id = p.id
  -- The first child of a node follows it in pre-order.
  CROSS JOIN plan_node AS s ON s.plan_id = l.plan_id AND s.node = l.node + 1 AND s.parent = l.node
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND l.node_type = 'Limit' AND l.loops = 1
    AND l.actual_rows <= :lim AND s.node_type = 'Sort' AND s.wall_ms >= :time_w
)
SELECT 'warning' AS severity, 'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns,
  s.captured_at_ns AS end_ns, s.wall_ms AS gain_ms,
  s.plan_id, coalesce(i.schema || '.', '') || i.relation AS relation, i.actual_rows AS sorted_rows, s.returned_rows,
  CASE WHEN json_valid(s.extra) AND json_type(s.extra, '$."Sort Key"') = 'array'
    THEN (SELECT group_concat(value, ', ') FROM json_each(s.extra, '$."Sort Key"'))
      ELSE 'sort columns' END AS sort_key,
  coalesce((SELECT c.ddl || coalesce(' ' || c.reason, '') FROM index_candidate AS c WHERE c.plan_node_id = i.id
      AND c.rank = 1 AND c.ddl IS NOT NULL),
    'An index on the equality columns of the filter, then on the columns of the ORDER BY.') AS remedy,
  s.wall_ms
FROM sorted AS s
CROSS JOIN plan_node AS i ON i.plan_id = s.plan_id AND i.node = s.node + 1 AND i.parent = s.node
WHERE i.relation IS NOT NULL AND i.actual_rows >= :in_w
ORDER BY s.wall_ms DESC, s.id
