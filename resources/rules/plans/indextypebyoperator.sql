-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-index-type-by-operator"
version = 1
title = "Operator wants another index type"
headline = "Ordering by {operator} sorts {sorted_rows} rows"
severity = "info"
needs = ["plan+"]
rung = 4
summary = "The {limit} nearest rows by {operator} are wanted; for that {sorted_rows} rows of {relation} were read and sorted ({wall_ms}). An index of the right kind delivers them in order of distance."
cause = "A B-tree knows no distance."
checks = [
  "Is the operator class there: GiST for geometry, ranges and trigrams; HNSW or IVFFlat for vectors?",
  "How often is the table written?",
]
fix = "1. CREATE INDEX CONCURRENTLY ON {relation} USING {method} (<column>);"
proof = "An Index Scan with 'Order By' in place of the sort."
risk = "These indexes are dearer to write; HNSW returns approximate neighbours."
refuse = "A hash index: it serves equality only."
quiet = "Fewer than 10,000 rows sorted, plans below 10 ms."
related = ["plan-gin-candidate", "plan-sort-before-limit"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), sorted AS (
  SELECT s.*, l.actual_rows AS returned_rows, CASE WHEN json_valid(s.extra) THEN json_extract(s.extra,
    '$."Sort Key"') END AS sort_key
  FROM plans AS p CROSS JOIN plan_node AS l ON l.plan_id = p.id
  CROSS JOIN plan_node AS s ON s.plan_id = l.plan_id AND s.node > l.node AND s.node <= l.node + 2
  WHERE l.node_type = 'Limit' AND s.node_type = 'Sort' AND s.wall_ms >= :time_i
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  s.wall_ms AS gain_ms,
  s.plan_id, i.relation, i.actual_rows AS sorted_rows, s.returned_rows AS "limit", s.wall_ms,
  CASE WHEN s.sort_key LIKE '%<=>%' THEN '<=>' WHEN s.sort_key LIKE '%<#>%' THEN '<#>' ELSE '<->' END AS operator,
  CASE WHEN s.sort_key LIKE '%vector%' OR s.sort_key LIKE '%<=>%' OR s.sort_key LIKE '%<#>%' THEN 'hnsw'
    ELSE 'gist' END AS method
FROM sorted AS s CROSS JOIN plans AS p ON p.id = s.plan_id
CROSS JOIN plan_node AS i ON i.plan_id = s.plan_id AND i.node = s.node + 1
WHERE i.actual_rows >= :rows_w AND i.relation IS NOT NULL
  AND (s.sort_key LIKE '%<->%' OR s.sort_key LIKE '%<=>%' OR s.sort_key LIKE '%<#>%')
ORDER BY s.wall_ms DESC, s.id
