-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-planning-dominates"
version = 1
title = "Planning takes longer than running"
headline = "Planning takes {planning_ms}, running {execution_ms}"
severity = "warning"
needs = ["plan+"]
uses = ["stmts"]
rung = 5
summary = "Planning took {planning_ms}, running {execution_ms}. For a statement that runs often the plan itself is the cost; prepared once, later calls skip it."
cause = "The statement is planned anew on every call, or it reaches many partitions, joins or indexes."
checks = [
  "How often does it run?",
  "How many partitions and joins does it reach?",
  "Does the pooler keep prepared statements?",
]
fix = """
1. A prepared statement or the statement cache of the driver.
2. Fewer partitions in reach: name the partition key in the WHERE clause."""
proof = "The mean planning time in the statement statistics falls."
risk = "A generic plan may suit rare values badly."
refuse = "A cache in front of the database: the statement itself is quick."
quiet = "Planning below 5 ms; statements that run once."
related = ["plan-jit-cost"]

[thresholds]
ms = { value = 5, unit = "ms", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN p.planning_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  p.planning_ms AS gain_ms,
  p.id AS plan_id, p.planning_ms, p.execution_ms, p.node_count
FROM plan AS p
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND p.planning_ms >= :ms AND p.planning_ms >= p.execution_ms
ORDER BY p.planning_ms DESC, p.id
