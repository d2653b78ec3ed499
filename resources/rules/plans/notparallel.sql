-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-not-parallel"
version = 1
title = "Large scan runs in one process"
headline = "The scan of {relation} ({touched_bytes}) runs in one process"
severity = "info"
needs = ["plan+", "buf"]
rung = 2
summary = "The scan of {relation} reads {touched_bytes} in one process ({self_ms}, {share_pct} of the execution). {reason}"
cause = "The statement locks rows, changes data or writes a WITH query, a function in it is not PARALLEL SAFE, or parallel plans are switched off."
checks = [
  "{reason}",
  "Does the server have processors to spare?",
]
fix = """
1. ALTER FUNCTION ... PARALLEL SAFE, when the function only reads and keeps no state.
2. max_parallel_workers_per_gather above 0 for the role of reports."""
proof = "A Gather above a Parallel Seq Scan, and a shorter execution."
risk = "Parallel statements take processors from others."
refuse = "Workers in place of a missing index."
quiet = "Scans below 100 MiB or 100 ms, plans with a Gather, filters that throw almost all rows away (an index first)."
related = ["plan-seq-scan-selective", "plan-workers-missing"]

[thresholds]
blocks_w = { value = 12800, unit = "blocks", source = "set here: 100 MiB" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_w = { value = 0.3, unit = "share", source = "set here" }
keep_w = { value = 0.05, unit = "share", source = "as in plan-seq-scan-selective" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, p.query_text, CASE WHEN json_valid(p.settings) THEN json_extract(p.settings,
    '$.max_parallel_workers_per_gather') END AS per_gather, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.*, p.captured_at_ns, p.execution_ms, coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read,
    0) AS blocks,
    CASE WHEN p.per_gather = '0' THEN 'max_parallel_workers_per_gather is 0 in this session.'
      WHEN EXISTS (SELECT 1 FROM plan_node AS m WHERE m.plan_id = p.id AND m.node_type IN ('ModifyTable', 'LockRows'))
        THEN 'A statement that changes or locks rows is not run in parallel.'
      WHEN p.query_text LIKE '%for update%' OR p.query_text LIKE '%for share%'
        THEN 'FOR UPDATE and FOR SHARE are not run in parallel.'
      WHEN p.query_text LIKE 'declare %' THEN 'A cursor is not run in parallel.'
      WHEN EXISTS (SELECT 1 FROM plan_condition AS c WHERE c.plan_node_id = n.id AND c.wrapped_in GLOB '[a-z_]*')
        THEN 'The filter calls a function: is it marked PARALLEL SAFE?' END AS reason
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'Seq Scan' AND n.loops = 1 AND n.self_ms >= :time_w AND n.self_ms >= :share_w * p.execution_ms
    AND coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0) >= :blocks_w
    AND n.actual_rows > :keep_w * (n.actual_rows + coalesce(n.rows_removed_by_filter, 0))
    AND NOT EXISTS (SELECT 1 FROM plan_node AS g WHERE g.plan_id = p.id AND g.node_type IN ('Gather', 'Gather Merge'))
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, n.captured_at_ns AS start_ns, n.captured_at_ns AS end_ns,
    NULL AS gain_ms,
  n.plan_id, n.relation, 8192 * n.blocks AS touched_bytes, n.self_ms, n.execution_ms,
  min(100.0, 100.0 * n.self_ms / n.execution_ms) AS share_pct, n.reason
FROM scan AS n
WHERE n.reason IS NOT NULL
ORDER BY n.self_ms DESC, n.id
