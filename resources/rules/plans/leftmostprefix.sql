-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-leftmost-prefix"
version = 1
title = "Composite index exists but its first column is not in the filter"
headline = "{index} holds {column}, but begins with {first_column}"
severity = "warning"
needs = ["plan+", "catalog"]
rung = 4
summary = "The scan of {relation} filters {column}; {index} holds that column, but it is ordered by {first_column}, which the filter does not name. Without it the matching entries lie all over the index, so {examined_rows} rows were read to keep {kept_rows} ({self_ms}). {remedy}"
cause = "A B-tree can be entered only through its leading columns."
checks = [
  "An index on (user_id, created_at) serves user_id alone, both, and user_id ordered by created_at, but not created_at alone.",
  "From version 18 on a leading column with few values may be skipped.",
  "Which statements use {index} today?",
]
fix = """
1. {remedy}
2. Equality columns first, then the sort, then one range: (city, age) for city = ? AND age > ?.
3. Drop {index} only when the new index serves all its users."""
proof = "An index condition on {column}; the scans of the old index fall to 0 before it is dropped."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "'The most selective column first' as the only rule: what matters is which columns every statement names."
quiet = "Fewer than 10,000 rows, a kept share above 15 %, scans that use an index, another index that begins with the column, scans below 10 ms."
related = ["plan-seq-scan-selective", "plan-sort-before-limit", "index-unused"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
keep_w = { value = 0.15, unit = "share", source = "above it a scan may be right" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), listed AS MATERIALIZED (
  SELECT i.relname, i.schemaname, i.indexrelname, i.indexdef,
    -- What stands between the brackets, each column between ", " and ",".
    ', ' || replace(replace(replace(substr(i.indexdef, instr(i.indexdef, ' btree (') + 8), ')', ','), ' DESC', ''),
      ' NULLS', ',') || ','
      AS columns
  FROM db_index AS i WHERE i.indexdef LIKE '% btree (%' AND coalesce(i.indisvalid, 1)
), index_list AS MATERIALIZED (
  SELECT l.*, substr(l.columns, 3, instr(substr(l.columns, 3), ',') - 1) AS first_column FROM listed AS l
), scan AS (
  SELECT n.*, c."column" AS filtered FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id
  WHERE n.node_type = 'Seq Scan' AND n.loops > 0 AND n.wall_ms >= :time_i AND c.place = 'filter'
    AND n.actual_rows + n.rows_removed_by_filter >= :rows_w
    AND n.actual_rows <= :keep_w * (n.actual_rows + n.rows_removed_by_filter)
    AND c.operator IN ('=', '= ANY', '<', '>', '<=', '>=', 'IS NULL')
    AND (c.wrapped_in IS NULL OR c.wrapped_in IN ('::text', '::varchar', '::bpchar'))
), suspect AS (
  SELECT s.id, min(i.indexrelname) AS indexrelname, i.first_column, s.filtered
  FROM scan AS s CROSS JOIN index_list AS i ON i.relname = s.relation AND (s.schema IS NULL
    OR i.schemaname = s.schema)
  WHERE i.first_column <> s.filtered AND instr(i.columns, ', ' || s.filtered || ',') > 0
    AND NOT EXISTS (SELECT 1 FROM index_list AS o WHERE o.relname = s.relation AND (s.schema IS NULL
      OR o.schemaname = s.schema)
      AND o.first_column IN (SELECT f."column" FROM plan_condition AS f WHERE f.plan_node_id = s.id
        AND f.place = 'filter'))
  GROUP BY s.id
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.relation, u.filtered AS "column", u.indexrelname AS "index", u.first_column,
  n.actual_rows + n.rows_removed_by_filter AS examined_rows, n.actual_rows AS kept_rows, n.self_ms, c.ddl,
  coalesce('Try ' || c.ddl, 'Build an index that begins with ' || u.filtered || '.') AS remedy
FROM suspect AS u CROSS JOIN plan_node AS n ON n.id = u.id CROSS JOIN plans AS p ON p.id = n.plan_id
LEFT JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1
ORDER BY n.self_ms DESC, n.id
