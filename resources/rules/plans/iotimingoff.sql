-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-io-timing-off"
version = 1
title = "The time of reads is not measured"
headline = "Reads are counted but not timed"
severity = "info"
needs = ["plan+", "buf"]
rung = 0
summary = "The plan read {read_blocks} blocks ({read_bytes}) from outside shared buffers, but not how long that took: track_io_timing was off."
cause = "track_io_timing is off, the default."
checks = ["Is the clock of the server fast? pg_test_timing tells; below 100 ns it costs nothing worth mentioning."]
fix = "1. SET track_io_timing = on; in the session that explains, or for the server."
proof = "The plan shows I/O Timings."
risk = "A little overhead on machines with a slow clock."
refuse = "Guessing the disk from the total time."
quiet = "Fewer than 1,000 blocks read, statements below 100 ms."
related = ["plan-io-bound", "plan-evidence-missing"]

[thresholds]
blocks_w = { value = 1000, unit = "blocks", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, n.shared_read AS read_blocks, 8192 * n.shared_read AS read_bytes, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
WHERE n.loops > 0 AND n.shared_read >= :blocks_w AND p.execution_ms >= :time_w
  AND NOT EXISTS (SELECT 1 FROM plan_node AS m WHERE m.plan_id = p.id AND m.io_read_ms > 0)
ORDER BY n.shared_read DESC, p.id
