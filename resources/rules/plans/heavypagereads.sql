-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-heavy-page-reads"
version = 1
title = "Plan reads many blocks from outside the cache"
headline = "{node} reads {read_bytes} from outside the cache"
severity = "critical"
needs = ["plan+", "buf"]
rung = 4
caused_by = ["plan-seq-scan-selective", "plan-index-filter-removes-most", "plan-row-misestimate"]
summary = "{node} took {read_blocks} blocks ({read_bytes}, {read_pct} of what it touched) from the operating system or the disk and {hit_blocks} from shared buffers; {self_ms} by itself."
cause = "Too many pages are touched, or the working set does not fit in memory."
checks = [
  "Run it twice: a second, fast run means a cold cache and not a bad plan.",
  "Can an index or a narrower row reduce the pages?",
  "track_io_timing tells the time of the reads.",
]
fix = """
1. Fewer pages: an index, narrower rows, partition pruning.
2. Then memory."""
proof = "Fewer blocks read and touched on a warm run."
risk = "One more index to write, when an index is added."
refuse = "More memory as the first step; reading planner costs as milliseconds."
quiet = "Less than 100 MiB read, mostly hits, plans without buffer figures; scans whose filter throws almost all rows away (that rule says it)."
related = ["plan-seq-scan-selective"]

[thresholds]
blocks_w = { value = 12800, unit = "blocks", source = "set here: 100 MiB" }
blocks_c = { value = 1310720, unit = "blocks", source = "set here: 10 GiB" }
share_w = { value = 0.1, unit = "share", source = "set here" }
keep_w = { value = 0.05, unit = "share", source = "as in plan-seq-scan-selective" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
SELECT CASE WHEN n.self_shared_read >= :blocks_c THEN 'critical' ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  n.io_read_ms AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, '') AS node, n.self_shared_read AS read_blocks,
  coalesce(n.self_shared_hit, 0) AS hit_blocks, n.self_shared_read * 8192 AS read_bytes,
  100.0 * n.self_shared_read / (n.self_shared_read + coalesce(n.self_shared_hit, 0)) AS read_pct,
  n.io_read_ms, n.self_ms
FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.loops > 0 AND n.self_shared_read >= :blocks_w
  AND n.wall_ms >= :time_w
  AND n.self_shared_read >= :share_w * (n.self_shared_read + coalesce(n.self_shared_hit, 0))
  AND NOT (n.node_type = 'Seq Scan' AND n.rows_removed_by_filter IS NOT NULL
    AND n.actual_rows <= :keep_w * (n.actual_rows + n.rows_removed_by_filter))
ORDER BY n.self_shared_read DESC, n.id
