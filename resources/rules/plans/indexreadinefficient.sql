-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-index-read-inefficient"
version = 1
title = "Index scan reads more blocks than its rows need"
headline = "{node} touches {blocks} blocks for {found_rows} rows"
severity = "warning"
needs = ["plan+", "buf"]
rung = 3
summary = "{node} touched {blocks} blocks ({touched_bytes}) to find {found_rows} rows, {per_row_x} as many blocks as rows, {read_pct} of them from outside the cache; it took {self_ms}. {likely}"
cause = "The rows lie scattered over the table, or table and index hold many dead rows."
checks = [
  "Run it twice: the second run tells the cost in memory.",
  "When was the table vacuumed last, and how large is the index against its rows?",
  "Does the order of the rows on disk follow the index (correlation)?",
]
fix = """
1. VACUUM the table; REINDEX INDEX CONCURRENTLY when the index is bloated.
2. An index that also holds the columns asked for (INCLUDE), so that the table is not visited.
3. CLUSTER or a load in the order of the index, for tables that hardly change."""
proof = "Fewer blocks per row on a warm run."
risk = "CLUSTER locks the table while it rewrites it; a rebuilt index needs room for a copy."
refuse = "VACUUM FULL on a live table."
quiet = "Fewer than 1,000 blocks, at least one row in every second block, scans below 10 ms; rows thrown away by a filter (another rule)."
related = ["plan-index-filter-removes-most", "plan-not-covering", "plan-index-only-heap-fetches"]

[thresholds]
blocks_w = { value = 1000, unit = "blocks", source = "practice of plan viewers" }
per_row = { value = 2, unit = "blocks per row", source = "set here: an index scan touches one block of the table and a few of the index" }
rows_many = { value = 10000, unit = "rows", source = "practice of plan viewers" }
read_share = { value = 0.5, unit = "share", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.id, n.plan_id, n.relation, n.alias, n.node_type, n.index_name, n.actual_rows, n.loops, n.self_ms,
    n.wall_ms,
    n.actual_rows + coalesce(n.rows_removed_by_filter, 0) + coalesce(n.rows_removed_by_index_recheck, 0) AS met_rows,
    coalesce(n.self_shared_read, 0) AS read_blocks, coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read,
      0) AS blocks
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type IN ('Index Scan', 'Index Only Scan', 'Index Scan Backward') AND n.loops > 0
    AND n.wall_ms >= :time_i
    AND coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0) >= :blocks_w
)
SELECT CASE WHEN n.wall_ms >= :time_w AND n.self_ms >= 0.1 * p.execution_ms THEN 'warning'
  ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.index_name, n.blocks, n.met_rows AS found_rows, 8192 * n.blocks AS touched_bytes,
  1.0 * n.blocks / max(n.met_rows, 1) AS per_row_x, 100.0 * n.read_blocks / n.blocks AS read_pct, n.self_ms,
  p.execution_ms,
  CASE WHEN n.blocks >= :per_row * max(n.met_rows, n.loops)
    THEN 'Dead rows or an index much larger than its rows are likely.'
    ELSE 'Its rows lie far apart, so nearly every row is a visit of its own; for so many rows a scan in order of the table may be cheaper.'
    END AS likely
FROM scan AS n CROSS JOIN plans AS p ON p.id = n.plan_id
-- A lookup per loop reads a few blocks of the index even when it finds nothing.
WHERE n.blocks - 5 * n.loops >= :per_row * n.met_rows
  OR (n.met_rows >= :rows_many AND n.loops = 1 AND n.read_blocks >= :read_share * n.blocks
    AND 2 * n.blocks >= n.met_rows)
ORDER BY n.self_ms DESC, n.id
