-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-like-wildcard"
version = 1
title = "Pattern starts with a wildcard"
headline = "{operator} on {relation}.{column} begins with a wildcard"
severity = "warning"
needs = ["plan+"]
rung = 4
summary = "The pattern on {relation}.{column} begins with a wildcard, so nothing is known about the first characters and every one of {examined_rows} rows was compared ({self_ms})."
cause = "A B-tree needs the beginning of the text."
checks = ["Is a substring wanted, or a word?", "Have the patterns at least three characters?"]
fix = """
1. CREATE EXTENSION pg_trgm; CREATE INDEX CONCURRENTLY ON {relation} USING gin ({column} gin_trgm_ops);
2. For words: a tsvector column with a GIN index.
3. A search engine when ranking matters."""
proof = "A Bitmap Index Scan on the new index."
risk = "A GIN index is dearer to write than a B-tree."
refuse = "Full-text search in place of a substring search: it answers another question."
quiet = "Patterns with a known beginning; fewer than 10,000 rows; scans that take less than 10 ms."
related = ["plan-gin-candidate", "plan-seq-scan-selective"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, coalesce(n.schema || '.', '') || n.relation AS relation, c."column",
  CASE c.operator WHEN '~~*' THEN 'ILIKE' ELSE 'LIKE' END AS operator,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows, n.actual_rows AS kept_rows, n.self_ms
FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Seq Scan' AND n.loops > 0
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w AND n.wall_ms >= :time_i
  AND c.place = 'filter' AND c.operator IN ('~~', '~~*') AND substr(c.literal, 1, 1) IN ('%', '_')
ORDER BY n.self_ms DESC, n.id, c.ordinal
