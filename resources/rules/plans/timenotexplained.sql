-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-time-not-explained"
version = 1
title = "Time that the work of the node does not explain"
headline = "{node} took {self_ms} for {touched_blocks} blocks and {rows} rows"
severity = "info"
needs = ["plan+", "buf"]
rung = 0
summary = "{node} took {self_ms} by itself, but it touched only {touched_blocks} blocks and handled {rows} rows: about {explained_ms} of work. It was probably waiting: for a lock, the processor, the network or a slow function."
cause = "A wait that EXPLAIN does not show."
checks = [
  "Wait events of the session while it runs (pg_stat_activity).",
  "Does the node call functions or read a foreign table?",
  "Was the machine short of processors at that time?",
]
fix = """
1. Sample the session while the statement runs and look for the wait event.
2. log_lock_waits = on tells of locks longer than a second."""
proof = "The time of the node falls to what its blocks and rows need."
risk = "None: nothing is changed."
refuse = "An index: the node reads little already."
quiet = "Less than 100 ms or a tenth of the execution unexplained, sorts, hashes, aggregates and joins (they compute), functions and foreign tables."
related = ["plan-lock-rows", "plan-io-bound"]

[thresholds]
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_w = { value = 0.1, unit = "share", source = "set here" }
hit_ms = { value = 0.125, unit = "ms", source = "a block in memory at 64 MB/s, slower than any memory" }
read_ms = { value = 1.0, unit = "ms", source = "a block from a disk at 8 MB/s, slower than any disk" }
row_ms = { value = 0.005, unit = "ms", source = "set here: five microseconds a row" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.*, coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0) AS touched_blocks,
    n.actual_rows + coalesce(n.rows_removed_by_filter, 0) + coalesce(n.rows_removed_by_index_recheck, 0) AS rows,
    :hit_ms * coalesce(n.self_shared_hit, 0) + :read_ms * coalesce(n.self_shared_read, 0)
      + :row_ms * (n.actual_rows + coalesce(n.rows_removed_by_filter, 0) + coalesce(n.rows_removed_by_index_recheck,
        0))
      + 0.01 * n.loops + coalesce(n.io_read_ms, 0) AS explained_ms
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.self_ms >= :time_w AND n.loops > 0 AND (n.shared_hit IS NOT NULL OR n.shared_read IS NOT NULL)
    AND n.node_type IN ('Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan', 'Bitmap Index Scan',
      'Tid Scan')
    AND coalesce(n.filter, '') NOT LIKE '%SubPlan%'
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms, 0.5 AS doubt,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.self_ms, n.touched_blocks, n.rows, n.explained_ms, p.execution_ms
FROM scan AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.self_ms - n.doubt_ms > n.explained_ms AND n.self_ms - n.explained_ms >= :time_w
  AND n.self_ms >= :share_w * p.execution_ms
  AND NOT EXISTS (SELECT 1 FROM plan_condition AS c WHERE c.plan_node_id = n.id AND c.wrapped_in GLOB '[a-z_]*')
ORDER BY n.self_ms DESC, n.id
