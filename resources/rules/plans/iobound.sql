-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-io-bound"
version = 1
title = "Node waits for reads"
headline = "{node} waits {io_ms} of {wall_ms} for reads"
severity = "warning"
needs = ["plan+", "buf"]
rung = 4
caused_by = ["plan-seq-scan-selective", "plan-index-filter-removes-most", "plan-index-read-inefficient"]
summary = "{node} spent {io_ms} ({io_pct} of its time) waiting for {read_blocks} blocks ({read_bytes}); one block took {block_ms}. {speed}"
cause = "The pages are not in memory; the node visits too many of them or the storage is slow."
checks = [
  "Run it twice: a second, fast run means a cold cache.",
  "Can an index, narrower rows or pruning reduce the pages?",
  "Time of one block: below 0.1 ms is flash or the page cache, above 1 ms is a saturated or remote disk.",
]
fix = """
1. Fewer pages: an index, INCLUDE columns, partition pruning.
2. More memory for what is read often.
3. Look at the disk when single blocks take long: queue length, burst credits, other jobs."""
proof = "I/O time falls on a warm run."
risk = "None for measuring; see the rule of the remedy you choose."
refuse = "A faster disk as the first step."
quiet = "Plans without I/O timings, less than half of the node's time, less than a tenth of the execution or 100 ms."
related = ["plan-heavy-page-reads", "plan-index-read-inefficient"]

[thresholds]
io_w = { value = 0.5, unit = "share", source = "practice of plan viewers" }
share_w = { value = 0.1, unit = "share", source = "set here" }
block_slow = { value = 1.0, unit = "ms", source = "set here: flash takes less than a tenth" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), node AS (
  -- Times of children are contained; below a Gather the times of several processes are added up.
  SELECT n.*, n.io_read_ms - coalesce((SELECT sum(c.io_read_ms) FROM plan_node AS c WHERE c.plan_id = n.plan_id
      AND c.parent = n.node), 0) AS own_io_ms
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.io_read_ms >= :time_w AND n.loops > 0 AND n.self_shared_read > 0
), shared AS (
  SELECT n.*, min(n.own_io_ms / max(n.total_ms * n.loops / max(n.wall_ms, 0.001), 1), n.self_ms) AS io_ms
    FROM node AS n
)
SELECT CASE WHEN n.io_ms >= 0.3 * p.execution_ms THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.io_ms AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.io_ms, n.wall_ms, n.self_shared_read AS read_blocks,
    8192 * n.self_shared_read AS read_bytes,
  100.0 * n.io_ms / n.wall_ms AS io_pct, n.own_io_ms / n.self_shared_read AS block_ms, p.execution_ms,
  CASE WHEN n.own_io_ms >= :block_slow * n.self_shared_read
    THEN 'That is slow for a single block: the disk is saturated, remote or spinning.'
    ELSE 'The storage answers at a normal speed; there are too many reads.' END AS speed
FROM shared AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.io_ms >= :time_w AND n.io_ms >= :io_w * n.self_ms AND n.io_ms >= :share_w * p.execution_ms
ORDER BY n.io_ms DESC, n.id
