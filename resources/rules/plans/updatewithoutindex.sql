-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-update-without-index"
version = 1
title = "A change searches the whole table"
headline = "{operation} of {relation} reads {examined_rows} rows to find {kept_rows}"
severity = "critical"
needs = ["plan+"]
rung = 4
caused_by = ["plan-seq-scan-selective"]
summary = "{operation} of {relation} searched {examined_rows} rows for the {kept_rows} it changes; the search took {self_ms}, {share_pct} of the execution, and the transaction holds its locks for as long. {remedy}"
cause = "No index on the columns of the WHERE clause."
checks = [
  "Is there an index on these columns that a cast or function keeps from being used?",
  "How many rows are changed, and how often?",
]
fix = """
1. {remedy}
2. Batches by primary key for changes of many rows."""
proof = "An index scan below the change; the time of the statement falls to that of the rows it changes."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "A longer lock_timeout or statement_timeout: the search stays."
quiet = "Tables below 10,000 rows searched, searches that keep a tenth or more, searches below 10 ms."
related = ["plan-seq-scan-selective", "plan-trigger-time"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
kept = { value = 10, unit = "factor", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
time_c = { value = 1000, unit = "ms", source = "set here" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_c AND n.self_ms >= 0.5 * p.execution_ms THEN 'critical' WHEN n.wall_ms >= :time_w
  THEN 'warning'
    ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms,
  n.plan_id, CASE CASE WHEN json_valid(m.extra) THEN json_extract(m.extra, '$."Operation"') END WHEN 'Update'
    THEN 'The update' WHEN 'Delete' THEN 'The delete'
    WHEN 'Merge' THEN 'The merge' ELSE 'The change' END AS operation, n.relation,
  n.actual_rows + n.rows_removed_by_filter AS examined_rows, n.actual_rows AS kept_rows, n.self_ms, p.execution_ms,
  min(100.0, 100.0 * n.self_ms / p.execution_ms) AS share_pct, c.ddl,
  coalesce('Try ' || c.ddl, c.reason, 'No plain index can serve this filter; see its other findings.') AS remedy
FROM plans AS p CROSS JOIN plan_node AS m ON m.plan_id = p.id
CROSS JOIN plan_node AS n ON n.plan_id = m.plan_id AND n.parent = m.node
LEFT JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1
WHERE m.node_type IN ('ModifyTable', 'Update', 'Delete', 'Merge') AND n.node_type = 'Seq Scan' AND n.loops > 0
  AND n.actual_rows + n.rows_removed_by_filter >= :rows_w AND n.rows_removed_by_filter > :kept * n.actual_rows
  AND n.wall_ms >= :time_i
ORDER BY n.self_ms DESC, n.id
