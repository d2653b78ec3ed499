-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-evidence-missing"
version = 1
title = "The plan lacks what a verdict needs"
headline = "The plan has no {missing}"
severity = "info"
needs = ["plan"]
rung = 0
summary = "This plan states no {missing}. {consequence}"
cause = "EXPLAIN was run without ANALYZE or BUFFERS."
checks = [
  "Is the statement safe to execute? ANALYZE runs it.",
  "Statements that change data only between BEGIN and ROLLBACK.",
]
fix = """
1. EXPLAIN (ANALYZE, BUFFERS, SETTINGS, FORMAT JSON) <statement>;
2. auto_explain for statements that cannot be repeated."""
proof = "The plan shows actual rows, times and buffers."
risk = "ANALYZE executes the statement and adds the overhead of measuring."
refuse = "Verdicts from the planned cost alone."
quiet = "Plans with times and buffers; plans without buffers below 100 ms."
related = ["plan-hottest-node"]

[thresholds]
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH root AS (
  SELECT p.id, p.captured_at_ns, r.loops, r.total_ms,
    coalesce(p.execution_ms, r.total_ms * r.loops, 0) AS execution_ms,
    EXISTS (SELECT 1 FROM plan_node AS n WHERE n.plan_id = p.id
      AND (n.shared_hit IS NOT NULL OR n.shared_read IS NOT NULL)) AS has_buffers
  FROM plan AS p JOIN plan_node AS r ON r.plan_id = p.id AND r.node = 0
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT 'info' AS severity, 'plan' AS subject_kind, r.id AS subject_id, r.captured_at_ns AS start_ns,
  r.captured_at_ns AS end_ns, NULL AS gain_ms,
  r.id AS plan_id,
  CASE WHEN r.loops IS NULL THEN 'actual rows and times' WHEN r.total_ms IS NULL THEN 'times'
    ELSE 'buffers' END AS missing,
  CASE WHEN r.loops IS NULL
    THEN 'Nothing can be said about where the time went; costs are planner units, not milliseconds.'
    WHEN r.total_ms IS NULL THEN 'Rows can be judged, time cannot.'
    ELSE 'Whether the time went into reading cannot be told.' END AS consequence
FROM root AS r
WHERE r.total_ms IS NULL OR (NOT r.has_buffers AND r.execution_ms >= :time_w)
ORDER BY r.id
