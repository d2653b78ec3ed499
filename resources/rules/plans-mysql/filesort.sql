-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-filesort"
version = 1
title = "MySQL sorts many rows"
headline = "About {rows} rows sorted"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{what}: about {rows} rows are sorted because no index delivers them in the order asked for."
cause = "No index ends with the columns of ORDER BY or GROUP BY behind those compared for equality, or the directions are mixed."
checks = [
  "Is there a LIMIT? Then an index in the right order reads only that many rows.",
  "Do all sort columns come from the first table of the join? Others cannot come from an index.",
  "Sort_merge_passes above 0 says that it goes to disk: sort_buffer_size.",
]
fix = """
1. An index on the columns compared for equality followed by the columns of the order, in its direction.
2. Leave out sort columns that decide nothing, ORDER BY NULL with GROUP BY before MySQL 8."""
proof = "EXPLAIN says no 'Using filesort' and shows no Sort."
risk = "One more index to write."
refuse = "A larger sort_buffer_size for every connection."
quiet = "Fewer than 10,000 rows."
related = ["mysql-temporary-table", "mysql-full-scan"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
*/
WITH sorted AS (
  SELECT n.id, n.plan_id, p.captured_at_ns, n.node_type, n.relation,
    coalesce(n.plan_rows, (SELECT max(d.plan_rows) FROM plan_node AS d WHERE d.plan_id = n.plan_id AND d.relation IS NOT NULL)) AS rows
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine IN ('mysql', 'mariadb')
    AND (n.node_type IN ('Sort', 'Sort with duplicate removal', 'filesort')
      OR (json_valid(n.extra) AND (json_extract(n.extra, '$.using_filesort') = 1
        OR json_extract(n.extra, '$.Extra') LIKE '%Using filesort%')))
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.node_type || coalesce(' of ' || s.relation, '') AS what, s.rows
FROM sorted AS s
WHERE s.rows >= :rows_w
ORDER BY s.rows DESC, s.id
