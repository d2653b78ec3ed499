-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-full-scan"
version = 1
title = "MySQL reads a whole table to keep a part of it"
headline = "All of {relation} is read: {rows} rows"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{what} of {relation} reads {rows} rows ({basis}) although the statement has a condition on it or reads it once per row of another table. Keys that could serve: {possible_keys}."
cause = "No index begins with the columns of the condition or of the join, or the optimizer holds the scan for cheaper."
checks = [
  "Does an index begin with the columns compared for equality?",
  "Is a column wrapped in a function, or compared with a value of another type or collation? Then no index serves.",
  "ANALYZE TABLE first when possible_keys names a good index that is not taken.",
]
fix = """
1. ALTER TABLE {relation} ADD INDEX (<columns compared for equality>, <column of the range or order>), ALGORITHM=INPLACE, LOCK=NONE;
2. Rewrite the condition so that the column stands alone on its side."""
proof = "EXPLAIN shows ref, eq_ref or range for {relation}, and EXPLAIN ANALYZE a shorter time."
risk = "One more index to write; building it takes disk and time."
refuse = "FORCE INDEX as a lasting remedy."
quiet = "Fewer than 10,000 rows; scans without any condition that are not repeated; derived and temporary tables."
related = ["mysql-low-filtered", "mysql-join-buffer"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
rows_c = { value = 1000000, unit = "rows", source = "set here" }
*/
WITH access AS (
  SELECT n.id, n.plan_id, n.node_type, n.relation, n.filter, n.loops, n.position, p.captured_at_ns, n.parent,
    CASE WHEN n.loops > 0 THEN max(n.actual_rows / n.loops, coalesce(n.plan_rows, 0)) ELSE n.plan_rows END AS rows,
    CASE WHEN json_valid(n.extra) THEN n.extra ELSE '{}' END AS extra
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine IN ('mysql', 'mariadb') AND n.node_type IN ('Table scan', 'Index scan', 'Covering index scan')
    AND n.relation NOT LIKE '<%'
)
SELECT CASE WHEN a.rows >= :rows_c THEN 'critical' ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, a.id AS subject_id, a.captured_at_ns AS start_ns, a.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  a.plan_id, a.relation, a.node_type AS what, a.rows,
  CASE WHEN a.loops IS NULL THEN 'estimated' ELSE 'measured' END AS basis,
  coalesce(json_extract(a.extra, '$.possible_keys'), 'none') AS possible_keys
FROM access AS a
WHERE a.rows >= :rows_w
  AND (a.filter IS NOT NULL OR json_extract(a.extra, '$.Extra') LIKE '%Using where%' OR a.position > 0 OR a.loops > 1
    OR EXISTS (SELECT 1 FROM plan_node AS f WHERE f.plan_id = a.plan_id AND f.node = a.parent AND f.node_type = 'Filter'))
ORDER BY a.rows DESC, a.id
