-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cte-scanned-in-loop"
version = 1
title = "WITH query is searched once per row"
headline = "WITH query {cte} is read {loops} times"
severity = "warning"
needs = ["plan+"]
rung = 5
caused_by = ["plan-cte-estimate", "plan-row-misestimate"]
summary = "The stored rows of WITH query {cte} are read from the beginning {loops} times, {read_rows} rows in all ({wall_ms}, {share_pct} of the execution). They have no index."
cause = "A stored WITH query is the inner side of a nested loop or of a subquery."
checks = [
  "Can the outer query join it once?",
  "Was its size estimated too low?",
]
fix = """
1. Join it once in FROM with an equality, so that it is hashed.
2. A temporary table with an index and ANALYZE when it is asked many times.
3. NOT MATERIALIZED when the query inside is cheap."""
proof = "The CTE Scan runs once below a hash join."
risk = "A rewritten query may count duplicates differently: compare the number of rows."
refuse = "More work_mem."
quiet = "Ten loops or fewer, 10,000 rows read or fewer, less than 10 ms."
related = ["plan-cte-estimate", "plan-nested-loop-large-inner"]

[thresholds]
loops_w = { value = 10, unit = "loops", source = "practice of plan viewers" }
rows_w = { value = 10000, unit = "rows", source = "practice of plan viewers" }
share_w = { value = 0.05, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.wall_ms AS gain_ms,
  n.plan_id, coalesce(CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."CTE Name"') END, n.alias,
    '?') AS cte, n.loops,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS read_rows, n.wall_ms, p.execution_ms, min(100.0,
    100.0 * n.wall_ms / p.execution_ms) AS share_pct
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type = 'CTE Scan' AND n.loops > :loops_w
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) > :rows_w AND n.wall_ms >= :time_i
  AND n.wall_ms >= :share_w * p.execution_ms
ORDER BY n.wall_ms DESC, n.id
