-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-lock-rows"
version = 1
title = "Many rows are locked"
headline = "{locked_rows} rows are locked"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "FOR UPDATE or FOR SHARE locked {locked_rows} rows in {self_ms}. Every lock is written into the row, and others that want these rows wait until the transaction ends."
cause = "A locking SELECT over many rows, or a wait for rows that others hold."
checks = [
  "Must all of them be locked, and for how long?",
  "Is the time spent waiting? Few blocks and much time means that others held the rows.",
]
fix = """
1. Smaller batches with LIMIT.
2. FOR UPDATE SKIP LOCKED for queues, so that workers do not wait for one another.
3. FOR NO KEY UPDATE when the key does not change."""
proof = "Few rows locked at a time; no lock waits in the log."
risk = "Skipped rows must be taken by somebody later."
refuse = "A longer lock_timeout."
quiet = "1,000 rows or fewer that are locked in less than 100 ms."
related = ["plan-time-not-explained"]

[thresholds]
rows_w = { value = 1000, unit = "rows", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.self_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.actual_rows AS locked_rows, n.self_ms, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type = 'LockRows' AND n.loops > 0
  AND (n.actual_rows > :rows_w OR (n.self_ms >= :time_w
    AND 0.125 * (coalesce(n.self_shared_hit, 0) + coalesce(n.self_shared_read, 0)) < n.self_ms))
ORDER BY n.self_ms DESC, n.id
