-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-join-buffer"
version = 1
title = "MySQL joins without an index"
headline = "{relation} is joined through a buffer: {rows} rows"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{relation} with {rows} rows is joined through the join buffer ({what}): no index serves the condition of the join."
cause = "The columns of the join condition have no index, or differ in type or collation."
checks = [
  "Is the hash join meant, because most rows of both tables are wanted? Then it is right.",
  "Do the joined columns have the same type, length and collation?",
]
fix = """
1. ALTER TABLE {relation} ADD INDEX (<columns of the join condition>);"""
proof = "EXPLAIN shows ref or eq_ref for {relation}."
risk = "One more index to write."
refuse = "A larger join_buffer_size for every connection."
quiet = "Fewer than 10,000 rows on the side that is joined."
related = ["mysql-full-scan"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
*/
WITH joined AS (
  SELECT n.id, n.plan_id, p.captured_at_ns, n.relation, n.plan_rows AS rows,
    coalesce(json_extract(n.extra, '$.using_join_buffer'), json_extract(n.extra, '$.Extra'), j.node_type) AS what
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  LEFT JOIN plan_node AS j ON j.plan_id = n.plan_id AND j.node = n.parent
  WHERE p.engine IN ('mysql', 'mariadb') AND n.relation IS NOT NULL AND n.relation NOT LIKE '<%' AND json_valid(n.extra)
    AND (json_extract(n.extra, '$.using_join_buffer') IS NOT NULL
      OR json_extract(n.extra, '$.Extra') LIKE '%Using join buffer%' OR j.node_type = 'block-nl-join'
      OR (j.node_type LIKE '%hash join' AND n.node_type = 'Table scan'))
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, j.id AS subject_id, j.captured_at_ns AS start_ns, j.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  j.plan_id, j.relation, j.rows, j.what
FROM joined AS j
WHERE j.rows >= :rows_w
ORDER BY j.rows DESC, j.id
