-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-workers-missing"
version = 1
title = "Fewer workers than planned"
headline = "{launched} of {planned} planned workers were started"
severity = "warning"
needs = ["plan+"]
uses = ["settings"]
rung = 2
summary = "The plan was made for {planned} parallel workers and got {launched}; {node} took {wall_ms}."
cause = "max_parallel_workers or max_worker_processes was used up by other statements."
checks = [
  "How many statements ran in parallel at that time?",
  "max_parallel_workers against the number of cores.",
  "Does it happen often or was it one moment?",
]
fix = """
1. Run large reports at different times.
2. Raise max_parallel_workers (and max_worker_processes, which needs a restart) as far as the cores allow."""
proof = "Workers launched equal workers planned."
risk = "More processes compete for the processors; short statements wait longer."
refuse = "More workers per statement: it makes the shortage worse."
quiet = "All workers started; statements below 10 ms."
related = ["host-cpu-bound"]

[thresholds]
time_i = { value = 10, unit = "ms", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN n.workers_launched = 0 AND n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.node_type AS node, n.workers_planned AS planned, n.workers_launched AS launched, n.wall_ms
FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.loops > 0 AND n.workers_launched < n.workers_planned
  AND n.wall_ms >= :time_i
ORDER BY n.wall_ms DESC, n.id
