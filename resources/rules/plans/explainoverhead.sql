-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-explain-overhead"
version = 1
title = "Measuring made the statement slower"
headline = "The clock was read {readings} times"
severity = "info"
needs = ["plan+"]
rung = 0
summary = "EXPLAIN read the clock about {readings} times (twice for each row a node handed on) in {execution_ms}. At 20 to 50 ns a reading that alone is {low_ms} to {high_ms}; without measuring the statement is faster, and nodes with many small loops look dearer than they are."
cause = "EXPLAIN ANALYZE with TIMING on, over very many rows."
checks = ["pg_test_timing: how long does one reading take on this machine?"]
fix = """
1. EXPLAIN (ANALYZE, TIMING OFF, BUFFERS) for the true total.
2. auto_explain.log_timing = off for statements in production."""
proof = "The total with TIMING OFF."
risk = "Without timing there is no self time."
refuse = "Comparing a measured time with an unmeasured one."
quiet = "Fewer than 2 million readings, plans without times."
related = ["plan-evidence-missing"]

[thresholds]
readings_w = { value = 2000000, unit = "readings", source = "practice: a million loops" }
share_w = { value = 0.1, unit = "share", source = "set here" }
low_ns = { value = 20, unit = "ns", source = "set here: a fast clock" }
high_ns = { value = 50, unit = "ns", source = "set here: a common virtual machine" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), reading AS (
  -- Processes below a Gather read their clocks side by side: only the share of one counts.
  SELECT n.plan_id, sum(2 * (n.actual_rows + n.loops)
    * CASE WHEN n.total_ms * n.loops > n.wall_ms AND n.wall_ms > 0 THEN n.wall_ms / (n.total_ms * n.loops)
      ELSE 1 END) AS readings
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.total_ms IS NOT NULL AND n.loops > 0 GROUP BY n.plan_id
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, r.readings, p.execution_ms, r.readings * :low_ns / 1e6 AS low_ms,
    r.readings * :high_ns / 1e6 AS high_ms
FROM reading AS r CROSS JOIN plans AS p ON p.id = r.plan_id
WHERE r.readings >= :readings_w AND r.readings * :high_ns / 1e6 >= :share_w * p.execution_ms
ORDER BY r.readings DESC, p.id
