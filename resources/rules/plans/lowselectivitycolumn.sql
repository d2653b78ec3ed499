-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-low-selectivity-column"
version = 1
title = "Column has too few values for a plain index"
headline = "{column} of {relation} has {distinct_values} values"
severity = "info"
needs = ["plan+", "catalog"]
rung = 0
summary = "The filter on {relation} compares {column}, which holds only {distinct_values} different values; it kept {kept_pct} of {examined_rows} rows. Each value keeps so many rows that the planner prefers the table, so a plain index would not be used."
cause = "Each value matches a large share of the table."
checks = [
  "Is there a rare value that is asked for? That one deserves a partial index.",
  "Would it serve as a second column behind a more selective one?",
]
fix = """
1. No index on this column alone.
2. A partial index on the rare value.
3. Drop an index on this column alone that is never used."""
proof = "The statistics of index use confirm that such an index is not scanned."
risk = "None: nothing is changed."
refuse = "Indexing every column; bitmap indexes do not exist in PostgreSQL."
quiet = "A kept share below 5 % (a rare value), several filter columns, fewer than 10,000 rows, scans below 10 ms."
related = ["plan-partial-index", "plan-seq-scan-right"]

[thresholds]
n = { value = 10, unit = "values", source = "set here; an example has 2 or 3" }
keep = { value = 0.05, unit = "share", source = "below it a value is rare enough for an index" }
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), single AS (
  SELECT c.plan_node_id, min(c."column") AS name FROM plan_condition AS c WHERE c.place = 'filter'
  GROUP BY c.plan_node_id HAVING count(*) = 1 AND min(c.operator) IN ('=', 'IS TRUE', 'IS FALSE')
), known AS MATERIALIZED (
  SELECT k.relname, k.schemaname, k.attname, k.n_distinct FROM db_column AS k WHERE k.n_distinct BETWEEN 1 AND :n
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.relation, s.name AS "column", k.n_distinct AS distinct_values,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows,
  100.0 * n.actual_rows / (n.actual_rows + coalesce(n.rows_removed_by_filter, 0)) AS kept_pct
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN single AS s ON s.plan_node_id = n.id
JOIN known AS k ON k.relname = n.relation AND k.attname = s.name AND (n.schema IS NULL OR k.schemaname = n.schema)
WHERE n.node_type = 'Seq Scan' AND n.loops > 0 AND n.wall_ms >= :time_i
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w
  AND n.actual_rows > :keep * (n.actual_rows + coalesce(n.rows_removed_by_filter, 0))
GROUP BY n.id
ORDER BY n.wall_ms DESC, n.id
