-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-parallel-does-not-pay"
version = 1
title = "Parallel workers cost more than they save"
headline = "{launched} workers for a statement of {execution_ms}"
severity = "info"
needs = ["plan+"]
rung = 2
caused_by = ["plan-row-misestimate"]
summary = "{gather} started {launched} workers; starting and collecting took {overhead_ms} of {wall_ms} ({overhead_pct})."
cause = "The planned cost passed the limit for parallel plans, often because of an estimate that is too high."
checks = [
  "Is the planned number of rows right?",
  "How often does the statement run? Each call starts the workers anew.",
]
fix = """
1. Correct the estimate when it is wrong.
2. A higher parallel_setup_cost or min_parallel_table_scan_size; for short statements max_parallel_workers_per_gather = 0 in their role."""
proof = "No Gather, and the execution is no longer."
risk = "Long statements of the same role lose their workers."
refuse = "More workers."
quiet = "Less than 30 % overhead, statements below 1 ms or above a second, plans whose workers did not start."
related = ["plan-workers-missing", "plan-parallel-skew"]

[thresholds]
over = { value = 0.3, unit = "share", source = "practice of plan viewers" }
time_i = { value = 1, unit = "ms", source = "set here" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, n.node_type AS gather, n.workers_launched AS launched, n.self_ms AS overhead_ms, n.wall_ms,
  100.0 * n.self_ms / n.wall_ms AS overhead_pct, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type IN ('Gather', 'Gather Merge') AND n.loops = 1 AND n.workers_launched > 0
  AND n.self_ms - coalesce(n.doubt_ms, 0) >= :over * n.wall_ms AND n.wall_ms >= :time_i
  AND p.execution_ms < :time_c AND n.wall_ms >= 0.5 * p.execution_ms
ORDER BY n.self_ms DESC, n.id
