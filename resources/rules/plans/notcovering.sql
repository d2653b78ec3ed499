-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-not-covering"
version = 1
title = "Index scan could skip the table"
headline = "{index} could answer alone with {include}"
severity = "info"
needs = ["plan+", "buf"]
rung = 4
summary = "The index scan of {relation} found {found_rows} rows and visited the table for each of them ({blocks} blocks, {self_ms}) only to fetch {include}. If the index carried these columns too, the visit would disappear on vacuumed pages."
cause = "The index does not hold the returned columns."
checks = [
  "Are these columns updated often? Each update then writes the index too.",
  "Is the table vacuumed often enough for index-only scans?",
  "How large would the index get?",
]
fix = "1. {ddl}"
proof = "An Index Only Scan with heap fetches near 0."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "Including wide or often updated columns, or all of them."
quiet = "Plans without VERBOSE (the columns are unknown), more than four further columns, rows wider than 200 bytes, fewer than 1,000 rows, less than a tenth of the execution or 10 ms."
related = ["plan-index-only-heap-fetches", "plan-index-read-inefficient"]

[thresholds]
rows_w = { value = 1000, unit = "rows", source = "set here" }
width = { value = 200, unit = "bytes", source = "set here" }
near = { value = 0.5, unit = "blocks per row", source = "set here" }
share_w = { value = 0.1, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w AND n.wall_ms >= 0.3 * p.execution_ms THEN 'warning'
  ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.relation, n.index_name AS "index", c.include, n.actual_rows AS found_rows,
  coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0) AS blocks, n.self_ms, p.execution_ms, c.ddl
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.include IS NOT NULL
WHERE n.node_type IN ('Index Scan', 'Index Scan Backward') AND n.actual_rows >= :rows_w AND n.wall_ms >= :time_i
  AND n.wall_ms >= :share_w * p.execution_ms AND n.plan_width <= :width
  AND coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0) >= :near * n.actual_rows
  AND n.condition IS NOT NULL AND coalesce(n.rows_removed_by_filter, 0) <= n.actual_rows
ORDER BY n.self_ms DESC, n.id
