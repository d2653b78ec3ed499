-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-function-on-column"
version = 1
title = "Function or cast around the column hides the index"
headline = "{wrapped} around {relation}.{column} keeps an index from being used"
severity = "warning"
needs = ["plan+"]
uses = ["catalog"]
rung = 5
summary = "The filter on {relation} compares {wrapped} of {column}, so an index on {column} itself cannot serve it. The scan read {examined_rows} rows to keep {kept_rows} and took {self_ms}."
cause = "An index on a column does not serve an expression over it."
checks = [
  "Do the types of column and parameter agree? An implicit cast counts.",
  "Is the function immutable? Only then can it be indexed.",
  "How many rows does the comparison keep?",
]
fix = """
1. Move the function to the other side: a range of values instead of a function of the column, a parameter of the column's own type.
2. {remedy}"""
proof = "The comparison stands in the index condition."
risk = "One more index to write per insert and per update of the column."
refuse = "An index for every variant of the expression."
quiet = "Small or fast scans, filters that keep more than 15 % of the rows, casts between text types."
related = ["plan-seq-scan-selective", "plan-like-wildcard"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
keep_w = { value = 0.15, unit = "share", source = "above it a scan may be right" }
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.relation, c."column", c.wrapped_in,
  CASE WHEN c.wrapped_in LIKE '::%' THEN 'A cast to ' || substr(c.wrapped_in, 3)
    WHEN c.wrapped_in GLOB '[a-z_]*' THEN c.wrapped_in || '()' ELSE 'Arithmetic' END AS wrapped,
  coalesce((SELECT i.ddl || coalesce(' ' || i.reason, '') FROM index_candidate AS i WHERE i.plan_node_id = n.id
      AND i.rank = 1 AND i.ddl IS NOT NULL),
    'CREATE INDEX CONCURRENTLY ON ' || coalesce(n.schema || '.', '') || n.relation || ' ((<the expression over '
      || c."column" || '>));') AS remedy,
  n.actual_rows + n.rows_removed_by_filter AS examined_rows, n.actual_rows AS kept_rows, n.self_ms
FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type IN ('Seq Scan', 'Index Scan',
  'Index Only Scan') AND n.loops > 0
  AND n.actual_rows + n.rows_removed_by_filter >= :rows_w
  AND n.actual_rows <= :keep_w * (n.actual_rows + n.rows_removed_by_filter) AND n.wall_ms >= :time_i
  AND c.place = 'filter' AND c.wrapped_in NOT IN ('::text', '::varchar', '::bpchar')
  AND c.wrapped_in NOT IN ('->', '->>', '#>', '#>>')
  AND c.operator IN ('=', '= ANY', '<', '>', '<=', '>=', '~~')
ORDER BY n.self_ms DESC, n.id, c.ordinal
