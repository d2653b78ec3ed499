-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-parallel-skew"
version = 1
title = "One parallel process does most of the work"
headline = "{node}: the busiest process took {most_ms}, the mean {mean_ms}"
severity = "warning"
needs = ["plan+"]
rung = 3
summary = "Of {processes} processes below the Gather the busiest took {most_ms} for {node} and the mean {mean_ms}: {skew_x} as long. The others wait for it."
cause = "Few large pages or partitions to share out, or one key with most of the rows."
checks = [
  "Rows of each process: is one key or one partition most of them?",
  "Is the table so small that one process gets most of its blocks?",
]
fix = """
1. Partitions or keys of more even size.
2. A partial aggregate before the Gather, so that the large key is reduced first."""
proof = "The processes take about the same time."
risk = "None for measuring."
refuse = "More workers: the largest share stays where it is."
quiet = "Plans without figures per worker (EXPLAIN VERBOSE shows them), less than twice the mean, less than 100 ms."
related = ["plan-workers-missing", "plan-parallel-does-not-pay"]

[thresholds]
skew = { value = 2, unit = "factor", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), process AS (
  SELECT w.plan_node_id, w.plan_id, count(*) + 1 AS processes, max(w.total_ms * w.loops) AS worker_ms,
    sum(w.total_ms * w.loops) AS workers_ms
  FROM plan_worker AS w WHERE w.total_ms IS NOT NULL AND w.loops > 0 GROUP BY w.plan_node_id
), share AS (
  -- What the workers did not take is the leader's.
  SELECT n.*, r.processes, max(r.worker_ms, n.total_ms * n.loops - r.workers_ms) AS most_ms,
    n.total_ms * n.loops / r.processes AS mean_ms
  FROM process AS r CROSS JOIN plans AS p ON p.id = r.plan_id CROSS JOIN plan_node AS n ON n.id = r.plan_node_id
  CROSS JOIN plan_node AS g ON g.plan_id = n.plan_id AND g.node = n.parent
  WHERE g.node_type IN ('Gather', 'Gather Merge') AND n.loops = r.processes
)
SELECT CASE WHEN n.most_ms >= 0.3 * p.execution_ms THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.most_ms - n.mean_ms AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.processes, n.most_ms, n.mean_ms, n.most_ms / n.mean_ms AS skew_x, p.execution_ms
FROM share AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.most_ms >= :skew * n.mean_ms AND n.most_ms >= :time_w AND n.most_ms >= 0.1 * p.execution_ms
ORDER BY gain_ms DESC, n.id
