-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-leader-busy"
version = 1
title = "Leader only collects rows"
headline = "The leader did {leader_pct} of the work below {gather} and moved {moved_rows} rows"
severity = "info"
needs = ["plan+"]
rung = 3
summary = "The workers handed {moved_rows} rows to the leader, which did only {leader_pct} of the scan itself: collecting kept it busy ({self_ms} in {gather})."
cause = "Many rows are sent from the workers one by one."
checks = [
  "Could rows be aggregated or filtered before the Gather?",
  "Is parallel_leader_participation off on purpose?",
]
fix = """
1. Aggregate, filter or limit below the Gather: conditions in the query rather than in the program.
2. A higher parallel_tuple_cost when the estimate of the rows is right."""
proof = "Fewer rows pass the Gather."
risk = "A plan without workers when the cost is set too high."
refuse = "More workers: they wait for the leader too."
quiet = "Fewer than 100,000 rows moved, a leader with a tenth of the work or more, less than 100 ms."
related = ["plan-parallel-does-not-pay", "plan-parallel-skew"]

[thresholds]
leader_w = { value = 0.1, unit = "share", source = "set here" }
rows_w = { value = 100000, unit = "rows", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), process AS (
  SELECT w.plan_node_id, w.plan_id, count(*) AS workers, sum(w.rows) AS worker_rows
  FROM plan_worker AS w WHERE w.rows IS NOT NULL AND w.loops > 0 GROUP BY w.plan_node_id
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, g.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  g.plan_id, g.node_type AS gather, n.actual_rows AS moved_rows, g.self_ms,
  100.0 * (n.actual_rows - r.worker_rows) / n.actual_rows AS leader_pct, p.execution_ms
FROM process AS r CROSS JOIN plans AS p ON p.id = r.plan_id CROSS JOIN plan_node AS n ON n.id = r.plan_node_id
CROSS JOIN plan_node AS g ON g.plan_id = n.plan_id AND g.node = n.parent
WHERE g.node_type IN ('Gather', 'Gather Merge') AND g.workers_launched = r.workers AND n.actual_rows >= :rows_w
  AND n.loops > r.workers AND n.actual_rows - r.worker_rows < :leader_w * n.actual_rows AND g.self_ms >= :time_w
ORDER BY g.self_ms DESC, g.id
