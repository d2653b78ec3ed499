-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-bitmap-or"
version = 1
title = "OR over several indexes"
headline = "OR on {relation} combines {arms} index scans"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "The OR on {relation} is answered by {arms} index scans whose bitmaps are united ({wall_ms}, {share_pct} of the execution); the recheck threw away {rechecked_rows} rows."
cause = "The arms of the OR compare different columns or many values."
checks = [
  "Do all arms compare the same column? Then = ANY (array) reads one index once.",
  "Can the arms return the same row? UNION ALL then counts it twice.",
]
fix = """
1. column = ANY (array) for arms on one column.
2. UNION ALL of one SELECT per arm, with conditions that exclude each other.
3. One index that covers all arms."""
proof = "One index scan per arm without a BitmapOr, fewer blocks."
risk = "A UNION removes duplicates and may sort; UNION ALL needs arms that exclude each other."
refuse = "An index for every combination of arms."
quiet = "Two arms without much recheck, less than a twentieth of the execution or 10 ms."
related = ["plan-bitmap-and", "plan-bitmap-lossy"]

[thresholds]
arms_w = { value = 2, unit = "arms", source = "practice of plan viewers" }
share_w = { value = 0.05, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), united AS (
  SELECT n.plan_id, n.node, n.parent,
    (SELECT count(*) FROM plan_node AS a WHERE a.plan_id = n.plan_id AND a.parent = n.node) AS arms
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id WHERE n.node_type = 'BitmapOr'
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.relation, u.arms, coalesce(n.rows_removed_by_index_recheck, 0) AS rechecked_rows, n.wall_ms,
  p.execution_ms, min(100.0, 100.0 * n.wall_ms / p.execution_ms) AS share_pct
FROM united AS u CROSS JOIN plans AS p ON p.id = u.plan_id
CROSS JOIN plan_node AS n ON n.plan_id = u.plan_id AND n.node = u.parent
WHERE n.node_type = 'Bitmap Heap Scan' AND n.loops > 0 AND n.wall_ms >= :time_i
  AND n.wall_ms >= :share_w * p.execution_ms
  AND (u.arms > :arms_w OR n.rows_removed_by_index_recheck > n.actual_rows)
ORDER BY n.wall_ms DESC, n.id
