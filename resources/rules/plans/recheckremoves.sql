-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-recheck-removes"
version = 1
title = "Index is imprecise: most matches fail the recheck"
headline = "{index} proposes {proposed_rows} rows, {kept_rows} remain"
severity = "warning"
needs = ["plan+"]
rung = 4
summary = "The index {index} can only propose rows for this condition; the recheck on {relation} threw away {removed_rows} of {proposed_rows} ({self_ms})."
cause = "The operator class is lossy for this condition: short trigram patterns, coarse boxes, hashed keys."
checks = [
  "Has the pattern three characters in a row to search for?",
  "Is there a more precise operator class or a condition that narrows first?",
]
fix = """
1. A more selective condition, or another operator class.
2. Higher pg_trgm.similarity_threshold or word_similarity_threshold when a similarity search proposes too much."""
proof = "Rows Removed by Index Recheck near 0."
risk = "Another operator class may be larger or dearer to write."
refuse = "More work_mem: the bitmap is exact already."
quiet = "Lossy bitmaps (another rule), fewer than 1,000 rows removed, scans below 10 ms."
related = ["plan-bitmap-lossy", "plan-gin-candidate", "plan-like-wildcard"]

[thresholds]
removed_w = { value = 1000, unit = "rows", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w AND n.self_ms >= 0.1 * p.execution_ms THEN 'warning'
  ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.relation, coalesce(n.index_name, (SELECT b.index_name FROM plan_node AS b WHERE b.plan_id = n.plan_id
    AND b.node = n.node + 1), 'the index') AS "index",
  n.rows_removed_by_index_recheck AS removed_rows, n.actual_rows AS kept_rows,
  n.actual_rows + n.rows_removed_by_index_recheck + coalesce(n.rows_removed_by_filter, 0) AS proposed_rows, n.self_ms,
  p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.loops > 0 AND n.wall_ms >= :time_i AND n.rows_removed_by_index_recheck >= :removed_w
  AND n.rows_removed_by_index_recheck > n.actual_rows
  AND (n.node_type LIKE 'Index%' OR (n.node_type = 'Bitmap Heap Scan' AND n.exact_blocks > 0
    AND coalesce(n.lossy_blocks, 0) = 0))
ORDER BY n.self_ms DESC, n.id
