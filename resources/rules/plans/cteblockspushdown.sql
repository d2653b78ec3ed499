-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cte-blocks-pushdown"
version = 1
title = "A WITH query is built whole and then mostly thrown away"
headline = "{removed_pct} of WITH query {cte} are thrown away"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "WITH query {cte} is computed whole ({build_ms}) and the filter of its reader throws {removed_rows} of {read_rows} rows away. The condition could have been used inside."
cause = "A materialised WITH query keeps conditions from outside away from its tables."
checks = [
  "Is it read once? Then it can be inlined.",
  "Does it have side effects or a volatile function? Then it must stay.",
]
fix = """
1. WITH {cte} AS NOT MATERIALIZED (...) (version 12 or later), or a plain subquery.
2. Write the condition inside the WITH query."""
proof = "The condition stands at a scan inside, often as an index condition."
risk = "An inlined query runs once for each reference."
refuse = "An index on the WITH query: there is none."
quiet = "Less than 90 % thrown away, fewer than 1,000 rows, WITH queries that are read several times, less than 10 ms."
related = ["plan-cte-estimate", "plan-cte-scanned-in-loop"]

[thresholds]
removed_w = { value = 0.9, unit = "share", source = "set here" }
rows_w = { value = 1000, unit = "rows", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), reader AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."CTE Name"') END AS cte,
    n.actual_rows + n.rows_removed_by_filter AS read_rows,
    count(*) OVER (PARTITION BY n.plan_id, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra,
      '$."CTE Name"') END) AS readers
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'CTE Scan' AND n.loops > 0
)
SELECT CASE WHEN b.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  b.wall_ms AS gain_ms,
  n.plan_id, n.cte, n.read_rows, n.rows_removed_by_filter AS removed_rows,
    100.0 * n.rows_removed_by_filter / n.read_rows AS removed_pct,
  b.wall_ms AS build_ms, p.execution_ms
FROM reader AS n CROSS JOIN plans AS p ON p.id = n.plan_id
CROSS JOIN plan_node AS b ON b.plan_id = n.plan_id AND b.subplan_name = 'CTE ' || n.cte
WHERE n.readers = 1 AND n.read_rows >= :rows_w AND n.rows_removed_by_filter > :removed_w * n.read_rows
  AND b.wall_ms >= :time_i
  AND b.node_type NOT IN ('Recursive Union', 'ModifyTable', 'Insert', 'Update', 'Delete')
ORDER BY b.wall_ms DESC, n.id
