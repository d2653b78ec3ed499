-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-keyset-no-tiebreak"
version = 1
title = "Keyset order is not unique"
headline = "Pages of {relation} are ordered by {order_by}, which is not unique"
severity = "warning"
needs = ["sql", "catalog"]
rung = 5
summary = "{statement} pages through {relation} by {order_by}, and no unique index lies within these columns. Rows with equal values can be skipped or shown twice at the border of two pages."
cause = "Ties at the borders of pages."
checks = ["Is there a unique constraint over the columns of the order?"]
fix = "1. Add the primary key to ORDER BY and to the comparison of rows: ORDER BY {order_by}, <primary key>."
proof = "No row twice over consecutive pages."
risk = "The index of the order must grow by the key."
refuse = "Going back to OFFSET."
quiet = "Results of a single page (no comparison with the last key and no OFFSET), orders by expressions, relations whose indexes are unknown."
related = ["plan-deep-offset"]
*/
WITH paged AS (
  SELECT f.*, x.value AS range_column
  FROM statement_fact AS f, json_each('["' || replace(coalesce(f.range_columns, ''), ', ', '","') || '"]') AS x
  WHERE f.kind = 'select' AND f.has_limit = 1 AND f.order_by IS NOT NULL AND f.order_relation IS NOT NULL
    AND instr(f.order_by, '?') = 0
    AND (f.has_offset = 1 OR instr(', ' || f.order_by || ',', ', ' || x.value || ',') > 0)
), keyed AS (
  -- Columns of the unique indexes of these relations.
  SELECT i.server_id, i.schemaname, i.relname, i.indexrelid, c.attname
  FROM db_index AS i
  JOIN json_each('[' || replace(replace(replace(trim(i.indkey), '{', ''), '}', ''), CASE WHEN instr(i.indkey, ',')
    THEN '' ELSE ' ' END, CASE WHEN instr(i.indkey, ',') THEN '' ELSE ',' END) || ']') AS k
  LEFT JOIN db_column AS c ON c.server_id IS i.server_id AND c.attrelid = i.indrelid AND c.attnum = k.value
  WHERE i.indisunique = 1 AND i.indpred IS NULL AND k.key < coalesce(i.indnkeyatts, 1000)
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, p.statement_id AS subject_id, NULL AS start_ns,
  NULL AS end_ns, NULL AS gain_ms, p.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, p.order_relation AS relation, p.order_by
FROM paged AS p JOIN statement AS s ON s.id = p.statement_id
WHERE EXISTS (SELECT 1 FROM db_index AS i WHERE i.relname = p.order_relation)
  -- Every column of some unique index stands in the order: then it is unique.
  AND NOT EXISTS (SELECT 1 FROM keyed AS k WHERE k.relname = p.order_relation GROUP BY k.server_id, k.indexrelid
    HAVING min(coalesce(instr(', ' || p.order_by || ',', ', ' || k.attname || ','), 0)) > 0)
GROUP BY p.statement_id
ORDER BY p.statement_id LIMIT 100
