-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-foreign-filter"
version = 1
title = "Remote rows are fetched and thrown away"
headline = "{removed_rows} remote rows of {relation} are thrown away"
severity = "warning"
needs = ["plan+"]
rung = 5
summary = "{fetched_rows} rows were fetched from the remote table {relation} and {removed_pct} of them thrown away here ({wall_ms}): the filter was not sent to the remote server."
cause = "The condition uses a function, type or collation that the planner does not trust to mean the same on the other side."
checks = [
  "Does Remote SQL hold the condition?",
  "Which function or operator keeps it here?",
]
fix = """
1. ALTER SERVER ... OPTIONS (ADD extensions '<extension>'); when the function belongs to an extension that both sides have.
2. use_remote_estimate 'true', so that better plans are found.
3. Write the condition with built-in operators."""
proof = "Remote SQL has a WHERE clause; few rows are fetched."
risk = "Remote estimates cost a round trip while planning."
refuse = "A larger fetch_size as the first step."
quiet = "Half of the rows or more kept, fewer than 1,000 rows, less than 10 ms."
related = ["plan-seq-scan-selective"]

[thresholds]
removed_w = { value = 0.5, unit = "share", source = "set here" }
rows_w = { value = 1000, unit = "rows", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, coalesce(n.relation, 'the foreign table') AS relation,
    n.actual_rows + n.rows_removed_by_filter AS fetched_rows,
  n.rows_removed_by_filter AS removed_rows,
  100.0 * n.rows_removed_by_filter / (n.actual_rows + n.rows_removed_by_filter) AS removed_pct, n.wall_ms,
    p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type = 'Foreign Scan' AND n.loops > 0 AND n.wall_ms >= :time_i
  AND n.actual_rows + n.rows_removed_by_filter >= :rows_w
  AND n.rows_removed_by_filter > :removed_w * (n.actual_rows + n.rows_removed_by_filter)
ORDER BY n.wall_ms DESC, n.id
