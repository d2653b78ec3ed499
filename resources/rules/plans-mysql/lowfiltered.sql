-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-low-filtered"
version = 1
title = "MySQL reads rows by an index and throws most away"
headline = "{filtered_pct} of the {rows} rows of {relation} stay"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{what} on {relation} reads {rows} rows by {index}, of which {filtered_pct} are expected to stay."
cause = "The index serves a part of the condition only."
checks = ["Which columns of the condition are not in {index}?", "Is the estimate right? A histogram (ANALYZE TABLE ... UPDATE HISTOGRAM) tells the optimizer."]
fix = """
1. Extend {index} by the columns of the condition it lacks."""
proof = "filtered goes to 100 and rows fall."
risk = "A wider index."
refuse = "One index per column: MySQL seldom joins them."
quiet = "Fewer than 10,000 rows, filtered 20 % and more, whole scans (see mysql-full-scan)."
related = ["mysql-full-scan"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
keep_w = { value = 20, unit = "%", source = "plans.md 2.6" }
*/
WITH access AS (
  SELECT n.id, n.plan_id, p.captured_at_ns, n.relation, n.node_type AS what, n.plan_rows AS rows,
    n.index_name AS "index", CAST(json_extract(n.extra, '$.filtered') AS REAL) AS filtered_pct
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine IN ('mysql', 'mariadb') AND n.index_name IS NOT NULL AND n.relation NOT LIKE '<%'
    AND n.node_type NOT IN ('Table scan', 'Index scan') AND json_valid(n.extra)
    AND json_extract(n.extra, '$.filtered') IS NOT NULL
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, a.id AS subject_id, a.captured_at_ns AS start_ns, a.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  a.plan_id, a.relation, a.what, a.rows, a."index", a.filtered_pct
FROM access AS a
WHERE a.rows >= :rows_w AND a.filtered_pct < :keep_w
ORDER BY a.rows DESC, a.id
