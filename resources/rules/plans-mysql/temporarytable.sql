-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-temporary-table"
version = 1
title = "MySQL fills a temporary table with many rows"
headline = "A temporary table for about {rows} rows"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{what}: about {rows} rows go through a temporary table; above tmp_table_size it goes to disk."
cause = "GROUP BY, DISTINCT, UNION or ORDER BY need rows that no index brings together."
checks = [
  "Do GROUP BY and ORDER BY name the same columns, of one table?",
  "Would UNION ALL do? It needs no temporary table.",
  "Created_tmp_disk_tables says whether it goes to disk; long texts make it do so early.",
]
fix = """
1. An index on the columns of GROUP BY, behind those compared for equality.
2. UNION ALL, EXISTS instead of DISTINCT, or aggregation before the join."""
proof = "EXPLAIN says no 'Using temporary'."
risk = "One more index to write."
refuse = "A larger tmp_table_size for every connection."
quiet = "Fewer than 10,000 rows."
related = ["mysql-filesort"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
*/
WITH filled AS (
  SELECT n.id, n.plan_id, p.captured_at_ns, n.node_type, n.relation,
    coalesce(n.plan_rows, (SELECT max(d.plan_rows) FROM plan_node AS d WHERE d.plan_id = n.plan_id AND d.relation IS NOT NULL)) AS rows
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine IN ('mysql', 'mariadb')
    AND (n.node_type LIKE '%temporary table%'
      OR (json_valid(n.extra) AND (json_extract(n.extra, '$.using_temporary_table') = 1
        OR json_extract(n.extra, '$.Extra') LIKE '%Using temporary%')))
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, f.id AS subject_id, f.captured_at_ns AS start_ns, f.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  f.plan_id, f.node_type || coalesce(' of ' || f.relation, '') AS what, f.rows
FROM filled AS f
WHERE f.rows >= :rows_w
ORDER BY f.rows DESC, f.id
