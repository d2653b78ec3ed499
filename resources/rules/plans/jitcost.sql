-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-jit-cost"
version = 1
title = "Just-in-time compilation costs a large part of the time"
headline = "Just-in-time compilation takes {share_pct} of the execution"
severity = "warning"
needs = ["plan+"]
uses = ["settings"]
rung = 2
summary = "Compiling expressions took {jit_ms} of {execution_ms} ({share_pct}). It pays for statements that process many rows for seconds, not for this one."
cause = "The planned cost passed jit_above_cost, often because of an estimate that is too high."
checks = ["Is the planned cost right, or is an estimate too high?", "Many partitions: each has expressions of its own."]
fix = """
1. Correct the estimate when it is wrong.
2. Raise jit_above_cost, or SET jit = off for the role that runs short statements."""
proof = "No JIT block in the plan, and the execution shorter by about its time."
risk = "Long statements that gained from compilation get slower: change it per role."
refuse = "-"
quiet = "Less than 20 ms or less than 10 % of the execution."
related = ["plan-row-misestimate", "plan-planning-dominates"]

[thresholds]
share_w = { value = 0.1, unit = "share", source = "practice of plan viewers" }
ms = { value = 20, unit = "ms", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH cost AS (
  SELECT p.id, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    CASE WHEN json_valid(p.extra) THEN json_extract(p.extra, '$.JIT.Timing.Total') END AS jit_ms,
    CASE WHEN json_valid(p.extra) THEN json_extract(p.extra, '$.JIT.Functions') END AS functions
  FROM plan AS p
)
SELECT CASE WHEN c.jit_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan' AS subject_kind, c.id AS subject_id, c.captured_at_ns AS start_ns, c.captured_at_ns AS end_ns,
  c.jit_ms AS gain_ms,
  c.id AS plan_id, c.jit_ms, c.functions, c.execution_ms,
  min(100.0, 100.0 * c.jit_ms / c.execution_ms) AS share_pct
FROM cost AS c
WHERE c.jit_ms >= :ms AND c.jit_ms >= :share_w * c.execution_ms
ORDER BY c.jit_ms DESC, c.id
