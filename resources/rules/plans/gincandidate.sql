-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-gin-candidate"
version = 1
title = "Containment or text search without a matching index"
headline = "{operator} on {relation}.{column} has no inverted index"
severity = "warning"
needs = ["plan+"]
uses = ["catalog"]
rung = 4
summary = "The filter on {relation}.{column} asks whether a value contains another ({operator}); {examined_rows} rows were compared one by one ({self_ms})."
cause = "A B-tree cannot serve this operator."
checks = [
  "Which operators are needed? jsonb_path_ops serves @> only and is smaller.",
  "How often is the column written? Updates of a GIN index are dear.",
]
fix = """
1. CREATE INDEX CONCURRENTLY ON {relation} USING gin ({column});
2. For equality on one key of a document: a B-tree on that expression."""
proof = "A Bitmap Index Scan on the new index."
risk = "A GIN index is dearer to write than a B-tree and may bloat."
refuse = "A B-tree on the whole document."
quiet = "Small tables; scans that take less than 10 ms."
related = ["plan-like-wildcard", "plan-seq-scan-selective"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, coalesce(n.schema || '.', '') || n.relation AS relation, c."column", c.operator,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows, n.actual_rows AS kept_rows, n.self_ms
FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Seq Scan' AND n.loops > 0
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w AND n.wall_ms >= :time_i
  AND c.place = 'filter' AND c.operator IN ('@>', '<@', '?', '?|', '?&', '&&', '@@')
ORDER BY n.self_ms DESC, n.id, c.ordinal
