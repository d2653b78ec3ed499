-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-time-outside-tree"
version = 1
title = "Time passes outside of the plan tree"
headline = "{outside_ms} of {execution_ms} are in no node"
severity = "info"
needs = ["plan+"]
rung = 0
caused_by = ["plan-jit-cost", "plan-too-many-partitions"]
summary = "The nodes and triggers account for {inside_ms} of {execution_ms}; {outside_ms} ({share_pct}) passed outside: starting and ending the executor, compiling, waiting for locks at the start."
cause = "Opening many partitions, just-in-time compilation, a lock wait before the first row, or removing temporary files at the end."
checks = [
  "Is there a JIT block in the plan?",
  "How many partitions are opened?",
  "Was the statement blocked at its start (log_lock_waits)?",
]
fix = """
1. Follow the finding about just-in-time compilation or partitions, if there is one.
2. Take the plan again while watching wait events."""
proof = "Execution time near the time of the root."
risk = "None: nothing is changed."
refuse = "Tuning a node: the time is in none of them."
quiet = "Less than a fifth of the execution or 10 ms outside; plans without an execution time."
related = ["plan-jit-cost", "plan-too-many-partitions", "plan-trigger-time"]

[thresholds]
share_w = { value = 0.2, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH root AS (
  SELECT p.id, p.captured_at_ns, p.execution_ms, n.total_ms * n.loops AS root_ms,
    coalesce((SELECT sum(t.time_ms) FROM plan_trigger AS t WHERE t.plan_id = p.id), 0) AS trigger_ms,
    CASE WHEN json_valid(p.extra) THEN coalesce(json_extract(p.extra, '$.Serialization.Time'), 0)
      ELSE 0 END AS serialize_ms
  FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND p.execution_ms IS NOT NULL AND n.loops > 0
    AND n.total_ms IS NOT NULL
)
SELECT CASE WHEN p.execution_ms - p.root_ms - p.trigger_ms >= 10 * :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, p.root_ms + p.trigger_ms AS inside_ms,
    p.execution_ms - p.root_ms - p.trigger_ms - p.serialize_ms AS outside_ms,
  p.execution_ms, 100.0 * (p.execution_ms - p.root_ms - p.trigger_ms - p.serialize_ms) / p.execution_ms AS share_pct
FROM root AS p
WHERE p.execution_ms - p.root_ms - p.trigger_ms - p.serialize_ms >= :time_i
  AND p.execution_ms - p.root_ms - p.trigger_ms - p.serialize_ms >= :share_w * p.execution_ms
ORDER BY outside_ms DESC, p.id
