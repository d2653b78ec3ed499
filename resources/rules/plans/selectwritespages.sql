-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-select-writes-pages"
version = 1
title = "A statement that only reads changes pages"
headline = "Reading dirtied {dirtied_blocks} blocks"
severity = "info"
needs = ["plan+", "buf"]
rung = 3
summary = "The statement only reads, but it dirtied {dirtied_blocks} blocks ({dirtied_bytes}), wrote {written_blocks} itself and logged {wal_bytes}. The first reader after many changes sets hint bits and prunes old row versions."
cause = "Rows that were loaded or changed shortly before and not yet vacuumed."
checks = [
  "Was much data loaded or updated just before?",
  "Does a second run dirty nothing? Then it was the first visit.",
  "Blocks written by the statement itself: the background writer does not keep up.",
]
fix = """
1. VACUUM (or VACUUM ANALYZE) after bulk loads, before readers come.
2. Blocks written by readers: bgwriter_lru_maxpages, more frequent checkpoints or more shared_buffers."""
proof = "A second run dirties and writes nothing."
risk = "Reads and writes of the vacuum while it runs."
refuse = "Judging the plan by the first run after a load."
quiet = "Fewer than 100 blocks, statements that change or create something, statements below 10 ms."
related = ["plan-heavy-page-reads", "plan-index-only-heap-fetches"]

[thresholds]
blocks_w = { value = 100, unit = "blocks", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
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
  p.id AS plan_id, coalesce(n.shared_dirtied, 0) AS dirtied_blocks, 8192 * coalesce(n.shared_dirtied,
    0) AS dirtied_bytes,
  coalesce(n.shared_written, 0) AS written_blocks, coalesce(n.wal_bytes, 0) AS wal_bytes, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
WHERE n.loops > 0 AND coalesce(n.shared_dirtied, 0) + coalesce(n.shared_written, 0) >= :blocks_w
  AND p.execution_ms >= :time_i
  AND NOT EXISTS (SELECT 1 FROM plan_node AS m WHERE m.plan_id = p.id
    AND m.node_type IN ('ModifyTable', 'Insert', 'Update', 'Delete', 'Merge', 'LockRows', 'Function Scan',
      'Foreign Scan'))
ORDER BY n.shared_dirtied DESC, p.id
