-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-seq-scan-right"
version = 1
title = "Sequential scan is the right choice here"
headline = "The sequential scan of {relation} is right"
severity = "good"
needs = ["plan+"]
rung = 0
summary = "The scan of {relation} keeps {kept_pct} of {examined_rows} rows. Reading the pages in order is cheaper than visiting that many rows through an index."
cause = "The query wants a large share of the table."
checks = ["Does the application need all these rows?", "Is the result aggregated afterwards?"]
fix = """
1. Ask for fewer rows.
2. Precompute the aggregate when the rows are only summed up.
3. Leave it."""
proof = "None needed; the rows returned shrink when the query is narrowed."
risk = "None: nothing is changed."
refuse = "An index on these columns, or enable_seqscan = off: the plan would become slower."
quiet = "Small or fast scans; estimates that are wrong by ten times or more, because the share is then unknown to the planner."
related = ["plan-seq-scan-selective"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
keep_sure = { value = 0.3, unit = "share", source = "above it a scan wins on any storage" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
close_x = { value = 10, unit = "factor", source = "an estimate within this factor is right" }
*/
SELECT 'good' AS severity, 'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns, NULL AS gain_ms,
  n.plan_id, n.relation, n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows,
  n.actual_rows AS kept_rows,
  100.0 * n.actual_rows / (n.actual_rows + coalesce(n.rows_removed_by_filter, 0)) AS kept_pct, n.self_ms
FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Seq Scan' AND n.loops > 0
  AND n.wall_ms >= :time_w
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w
  AND n.actual_rows >= :keep_sure * (n.actual_rows + coalesce(n.rows_removed_by_filter, 0))
  AND n.plan_rows * n.loops <= :close_x * n.actual_rows AND n.actual_rows <= :close_x * n.plan_rows * n.loops
ORDER BY n.self_ms DESC, n.id
