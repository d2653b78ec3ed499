-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-recursion-explodes"
version = 1
title = "Recursion produces very many rows"
headline = "The recursion made {made_rows} rows in {steps} steps"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "The recursive WITH query made {made_rows} rows in {steps} steps ({wall_ms}, {share_pct} of the execution)."
cause = "A cycle in the data, UNION ALL where paths meet again, or no bound on the depth."
checks = [
  "Can the data hold a cycle?",
  "Is the same row reached along many paths?",
]
fix = """
1. UNION instead of UNION ALL, so that a row is followed once.
2. A CYCLE clause (version 14 or later) or an array of the path.
3. A bound on the depth."""
proof = "The number of rows falls to the size of the tree."
risk = "UNION compares whole rows and needs memory for it."
refuse = "More work_mem as the first step."
quiet = "100,000 rows and 1,000 steps or fewer, less than 100 ms."
related = ["plan-cte-estimate"]

[thresholds]
rows_w = { value = 100000, unit = "rows", source = "set here" }
steps_w = { value = 1000, unit = "steps", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= 1000 THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.actual_rows AS made_rows, max(w.loops) AS steps, n.wall_ms, p.execution_ms, min(100.0,
    100.0 * n.wall_ms / p.execution_ms) AS share_pct
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_node AS w ON w.plan_id = n.plan_id AND w.node > n.node AND w.node_type = 'WorkTable Scan'
WHERE n.node_type = 'Recursive Union' AND n.loops > 0 AND n.wall_ms >= :time_w
GROUP BY n.id
HAVING n.actual_rows > :rows_w OR max(w.loops) > :steps_w
ORDER BY n.wall_ms DESC, n.id
