-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-bitmap-lossy"
version = 1
title = "Bitmap became lossy"
headline = "{what} on {relation}"
severity = "warning"
needs = ["plan+"]
rung = 2
caused_by = ["plan-index-filter-removes-most"]
summary = "The bitmap scan of {relation} {kept_pages}, so every row of those pages was checked again ({removed_rows} rows thrown away for {kept_rows} kept)."
cause = "work_mem is too small for a bitmap of single rows."
checks = ["How many rows does the recheck throw away?", "Is the condition selective at all?"]
fix = """
1. A more selective index, so that the bitmap is smaller.
2. SET LOCAL work_mem to more for this statement."""
proof = "No lossy blocks in the plan."
risk = "Memory use times nodes times sessions."
refuse = "The same index once more; raising work_mem for the whole server."
quiet = "Bitmap scans without lossy blocks: they are normal when one to fifteen percent of a table is wanted."
related = ["plan-memory-spill", "plan-healthy"]

[thresholds]
w = { value = 0.1, unit = "share", source = "set here" }
removed_w = { value = 1000, unit = "rows", source = "set here, for plans that state no heap blocks" }
time_w = { value = 50, unit = "ms", source = "set here" }
*/
WITH bitmap AS (
  SELECT n.id, n.plan_id, n.relation, n.actual_rows, n.self_ms, n.wall_ms, n.exact_blocks, n.lossy_blocks,
    p.captured_at_ns,
    coalesce(n.rows_removed_by_index_recheck, 0) + coalesce(n.rows_removed_by_filter, 0) AS removed_rows
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Bitmap Heap Scan' AND n.loops > 0
)
SELECT CASE WHEN b.lossy_blocks IS NOT NULL AND b.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, b.id AS subject_id, b.captured_at_ns AS start_ns, b.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  -- A plan that states no heap blocks at all leaves it open whether the filter or the lossy bitmap removes the rows.
  CASE WHEN b.lossy_blocks IS NULL THEN 0.8 ELSE 0.0 END AS doubt,
  b.plan_id, b.relation,
  CASE WHEN b.lossy_blocks IS NULL THEN 'The bitmap may be lossy (the plan states no heap blocks)'
    ELSE 'Lossy bitmap' END AS what,
  CASE WHEN b.lossy_blocks IS NULL THEN 'probably kept pages instead of rows'
    ELSE 'kept pages instead of rows for ' || b.lossy_blocks || ' of ' || (b.lossy_blocks + coalesce(b.exact_blocks,
      0)) || ' blocks' END
    AS kept_pages,
  b.lossy_blocks, b.lossy_blocks + coalesce(b.exact_blocks, 0) AS blocks, b.actual_rows AS kept_rows, b.removed_rows,
  b.self_ms
FROM bitmap AS b
WHERE b.lossy_blocks > 0 AND b.lossy_blocks >= :w * (b.lossy_blocks + coalesce(b.exact_blocks, 0))
  OR b.lossy_blocks IS NULL AND b.exact_blocks IS NULL AND b.removed_rows >= :removed_w
    AND b.removed_rows > b.actual_rows
ORDER BY b.self_ms DESC, b.id
