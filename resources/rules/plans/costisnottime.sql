-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cost-is-not-time"
version = 1
title = "Cost figures are planner units"
headline = "Cost differs {cost_x}, time {time_x}"
severity = "info"
needs = ["plan+"]
rung = 0
summary = "Two plans of the same statement: the costs differ {cost_x}, the times {time_x} ({time_ms} against {other_ms}). Cost ranks alternatives of one statement under one configuration; it is neither milliseconds nor comparable between statements or servers."
cause = "Planner units are read as time."
checks = ["Same statement, server and settings?"]
fix = "1. Compare times, rows and blocks."
proof = "None needed."
risk = "None: nothing is changed."
refuse = "Tuning until the cost is low."
quiet = "Single plans, pairs whose costs and times differ by about the same factor."
related = ["plan-evidence-missing"]

[thresholds]
apart = { value = 10, unit = "factor", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, p.statement_id, p.total_cost, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), costed AS (
  SELECT p.*, coalesce(p.total_cost, r.total_cost) AS cost FROM plans AS p CROSS
    JOIN plan_node AS r ON r.plan_id = p.id AND r.node = 0
  WHERE p.statement_id IS NOT NULL AND p.execution_ms > 0
), best AS (
  SELECT c.statement_id, min(c.execution_ms) AS execution_ms, max(c.execution_ms) AS slow_ms, min(c.id) AS any_id,
    count(*) AS n
  FROM costed AS c WHERE c.cost > 0 GROUP BY c.statement_id HAVING count(*) >= 2
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
    NULL AS gain_ms,
  s.id AS plan_id, s.cost / f.cost AS cost_x, s.execution_ms / f.execution_ms AS time_x, s.execution_ms AS time_ms,
    f.execution_ms AS other_ms
FROM best AS b CROSS JOIN costed AS s ON s.statement_id = b.statement_id AND s.execution_ms = b.slow_ms
CROSS JOIN costed AS f ON f.statement_id = b.statement_id AND f.execution_ms = b.execution_ms
WHERE s.execution_ms >= :time_w AND f.cost > 0 AND s.cost > 0
  AND (s.execution_ms / f.execution_ms >= :apart * s.cost / f.cost
    OR s.cost / f.cost >= :apart * s.execution_ms / f.execution_ms)
GROUP BY b.statement_id
ORDER BY s.execution_ms DESC, s.id
