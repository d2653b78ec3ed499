-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-index-filter-removes-most"
version = 1
title = "Index finds rows that the filter then throws away"
headline = "{index} finds {examined_rows} rows, the filter keeps {kept_rows}"
severity = "critical"
needs = ["plan+"]
rung = 4
caused_by = ["plan-function-on-column"]
summary = "The {node} on {relation} fetched {examined_rows} rows through {index} and kept {kept_rows} ({kept_pct}); it took {self_ms} by itself. {remedy}"
cause = "The index covers only a part of the condition."
checks = [
  "Which columns stand in the filter and not in the index condition?",
  "Equality columns first, then one range column.",
  "Would the wider index make an existing one redundant?",
]
fix = """
1. {remedy}
2. A partial index when the filter always compares with the same constant.
3. Drop the narrower index if nothing else uses it."""
proof = "The comparison moves from the filter to the index condition and rows removed fall to about 0."
risk = "One more index to write, or a wider one in place of the old; writes get a little slower."
refuse = "A second index on the filter column alone: the two would have to be combined on every call."
quiet = "Fewer than 1,000 rows, a kept share above 10 % (1 % for bitmap scans), scans that take less than 10 ms, scans that serve an ORDER BY (another rule)."
related = ["plan-seq-scan-selective", "plan-index-order-wrong"]

[thresholds]
rows_w = { value = 1000, unit = "rows", source = "practice of plan viewers" }
rows_c = { value = 1000000, unit = "rows", source = "common guideline for critical scans" }
keep_w = { value = 0.1, unit = "share", source = "practice of plan viewers" }
keep_bitmap = { value = 0.01, unit = "share", source = "bitmap scans are normal from 1 to 15 %" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_c = { value = 0.5, unit = "share", source = "set here" }
*/
WITH scan AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.node_type, n.relation, n.schema, n.condition, n.self_ms, n.wall_ms,
    n.actual_rows, n.extra, p.captured_at_ns,
    coalesce(n.index_name, (SELECT b.index_name FROM plan_node AS b WHERE b.plan_id = n.plan_id
      AND b.node = n.node + 1
      AND b.node_type = 'Bitmap Index Scan')) AS index_name,
    n.actual_rows + n.rows_removed_by_filter AS examined_rows,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND (n.node_type IN ('Index Scan', 'Index Only Scan',
    'Bitmap Heap Scan') OR n.node_type LIKE 'Index%Scan Backward')
    AND n.loops > 0 AND n.rows_removed_by_filter IS NOT NULL AND n.wall_ms >= :time_i
), wasteful AS (
  SELECT s.*,
    EXISTS (SELECT 1 FROM plan_node AS l WHERE l.plan_id = s.plan_id AND l.node = s.parent AND l.node_type = 'Limit')
      AS below_limit,
    s.node_type LIKE '%Backward'
      OR (json_valid(s.extra) AND json_extract(s.extra, '$."Scan Direction"') = 'Backward') AS is_backward
  FROM scan AS s
  WHERE s.examined_rows >= :rows_w
    AND s.actual_rows <= s.examined_rows
      * CASE s.node_type WHEN 'Bitmap Heap Scan' THEN :keep_bitmap ELSE :keep_w END
), fact AS (
  SELECT w.*,
    c.columns, c.ddl, c.reason
  FROM wasteful AS w LEFT JOIN index_candidate AS c ON c.plan_node_id = w.id AND c.rank = 1 AND c.include IS NULL
  WHERE NOT (w.condition IS NULL AND w.node_type <> 'Bitmap Heap Scan' AND (w.below_limit OR w.is_backward))
)
SELECT CASE WHEN f.wall_ms < :time_w THEN 'info'
    WHEN f.examined_rows >= :rows_c AND f.self_ms >= :share_c * f.execution_ms THEN 'critical'
    ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, f.id AS subject_id, f.captured_at_ns AS start_ns, f.captured_at_ns AS end_ns,
  f.self_ms AS gain_ms,
  f.plan_id, f.node_type AS node, f.relation, coalesce(f.index_name, 'the index') AS "index", f.columns,
  f.ddl,
  CASE WHEN f.ddl IS NOT NULL THEN 'Use one index on both parts of the condition: ' || f.ddl || coalesce(' '
    || f.reason, '')
    ELSE coalesce(f.reason, 'Extend ' || coalesce(f.index_name, 'the index') || ' by the columns of the filter.') END
    AS remedy,
  f.examined_rows, f.actual_rows AS kept_rows, 100.0 * f.actual_rows / f.examined_rows AS kept_pct, f.self_ms,
  f.execution_ms
FROM fact AS f
ORDER BY f.self_ms DESC, f.id
