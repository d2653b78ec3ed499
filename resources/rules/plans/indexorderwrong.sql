-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-index-order-wrong"
version = 1
title = "Index chosen for the order, not for the filter"
headline = "{index} is read in order, the filter keeps {kept_rows} of {examined_rows} rows"
severity = "critical"
needs = ["plan+"]
rung = 4
summary = "The planner reads {relation} in the order of {index} and hopes to find enough matching rows early. It met {examined_rows} rows to keep {kept_rows} ({kept_pct}) and took {self_ms}. {remedy}"
cause = "The rows that match lie far from the beginning of the order; the planner assumes that they are spread evenly."
checks = ["Which columns stand in the filter?", "Is the value rare, or bound to old rows?"]
fix = """
1. {remedy}
2. As a test, not as a cure: an expression in the ORDER BY (column + 0) keeps the planner from this index."""
proof = "An index condition on the filter columns, rows removed near 0."
risk = "One more index to write per insert and per update of its columns."
refuse = "Dropping the index of the order: other statements need it."
quiet = "Scans with an index condition, forward scans without LIMIT, fewer than 1,000 rows removed, scans that take less than 10 ms."
related = ["plan-index-filter-removes-most", "plan-sort-before-limit"]

[thresholds]
removed_w = { value = 1000, unit = "rows", source = "practice of plan viewers" }
removed_c = { value = 1000000, unit = "rows", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_c = { value = 0.5, unit = "share", source = "set here" }
*/
WITH scan AS (
  SELECT n.id, n.plan_id, n.relation, n.schema, n.index_name, n.self_ms, n.wall_ms, n.actual_rows,
    n.rows_removed_by_filter AS removed_rows, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    c.columns, c.ddl, c.reason
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  LEFT JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type IN ('Index Scan', 'Index Only Scan',
    'Index Scan Backward', 'Index Only Scan Backward')
    AND n.condition IS NULL AND n.loops > 0 AND n.rows_removed_by_filter >= :removed_w
    AND n.rows_removed_by_filter > n.actual_rows AND n.wall_ms >= :time_i
    AND (n.node_type LIKE '%Backward'
      OR (json_valid(n.extra) AND json_extract(n.extra, '$."Scan Direction"') = 'Backward')
      OR EXISTS (SELECT 1 FROM plan_node AS l
        WHERE l.plan_id = n.plan_id AND l.node = n.parent AND l.node_type = 'Limit'))
)
SELECT CASE WHEN s.wall_ms < :time_w THEN 'info'
    WHEN s.removed_rows >= :removed_c AND s.self_ms >= :share_c * s.execution_ms THEN 'critical'
    ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  s.self_ms AS gain_ms,
  s.plan_id, s.relation, s.index_name AS "index", s.columns,
  s.ddl,
  CASE WHEN s.ddl IS NOT NULL THEN 'Try ' || s.ddl || coalesce(' ' || s.reason, '')
    ELSE coalesce(s.reason, 'Create an index on the filter columns followed by the columns of ' || s.index_name
      || '.')
    END AS remedy,
  s.actual_rows + s.removed_rows AS examined_rows, s.actual_rows AS kept_rows,
  100.0 * s.actual_rows / (s.actual_rows + s.removed_rows) AS kept_pct, s.self_ms, s.execution_ms
FROM scan AS s
ORDER BY s.self_ms DESC, s.id
