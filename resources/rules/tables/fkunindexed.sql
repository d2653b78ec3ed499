-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "fk-unindexed"
version = 1
title = "Foreign key column without an index"
headline = "No index of {relation} begins with {columns} of its foreign key"
severity = "warning"
needs = ["catalog"]
uses = ["tabstat"]
rung = 4
summary = "{conname} of {relation} ({child_rows} rows) refers to {parent}, and no index begins with {columns}. Each delete in {parent} reads all of {relation} to look for rows that refer; joins from {parent} do too. Deletes there so far: {deletes}."
cause = "Only the side that is referred to is indexed by itself."
checks = [
  "How many rows of the parent are deleted, or change their key, a day?",
  "Do frequent statements join the two tables by it?",
]
fix = "1. CREATE INDEX CONCURRENTLY ON {relation} ({columns});"
proof = "Deletes of parents are quick; nested loops use the index."
risk = "One more index to write with each insert and each update of the column; some disk."
refuse = "Dropping the constraint."
quiet = "Fewer than 10,000 rows in the child; an index that begins with the columns in any order."
related = ["index-unused", "plan-nested-loop-large-inner"]

[thresholds]
n = { value = 10000, unit = "rows", source = "set here" }
*/
WITH keys AS (
  SELECT k.server_id, k.dbname, k.schemaname, k.relname, k.conname, '[' || replace(k.conkey, ' ', ',') || ']' AS columns,
    max(k.confrelid) AS confrelid, max(k.conrelid) AS conrelid, max(k.constraintdef) AS constraintdef
  FROM db_constraint AS k WHERE k.contype = 'f' AND k.conkey GLOB '[0-9]*' GROUP BY 1, 2, 3, 4, 5, 6
), bare AS (
  SELECT f.*, max((SELECT max(t.reltuples) FROM db_table AS t WHERE t.server_id IS f.server_id AND t.schemaname IS f.schemaname
      AND t.relname = f.relname),
    coalesce((SELECT max(t.n_live_tup) FROM table_sample AS t WHERE t.server_id IS f.server_id AND t.schemaname IS f.schemaname
      AND t.relname = f.relname), 0)) AS child_rows
  FROM keys AS f
  WHERE NOT EXISTS (SELECT 1 FROM db_index AS x
    WHERE x.server_id IS f.server_id AND x.schemaname IS f.schemaname AND x.relname = f.relname AND coalesce(x.indisvalid, 1) = 1
      AND x.indkey GLOB '[0-9]*' AND (x.indpred IS NULL OR x.indpred LIKE '%IS NOT NULL%')
      AND NOT EXISTS (SELECT 1 FROM json_each(f.columns) AS c WHERE NOT EXISTS (
        SELECT 1 FROM json_each('[' || replace(x.indkey, ' ', ',') || ']') AS i
        WHERE i.value = c.value AND i.key < json_array_length(f.columns))))
), told AS (
  SELECT b.*, (SELECT p.schemaname || '.' || p.relname FROM db_table AS p WHERE p.server_id IS b.server_id AND p.oid = b.confrelid LIMIT 1) AS parent,
    (SELECT max(s.n_tup_del) FROM table_sample AS s WHERE s.server_id IS b.server_id AND s.relid = b.confrelid) AS deletes,
    (SELECT group_concat(a.attname, ', ') FROM (SELECT DISTINCT c.key, d.attname FROM json_each(b.columns) AS c JOIN db_column AS d
      ON d.attnum = c.value AND d.relname = b.relname AND d.schemaname IS b.schemaname AND d.server_id IS b.server_id
      ORDER BY c.key) AS a) AS names
  FROM bare AS b WHERE b.child_rows >= :n
)
SELECT CASE WHEN t.deletes = 0 THEN 'info' ELSE 'warning' END AS severity, 'table' AS subject_kind,
  coalesce(t.schemaname || '.', '') || t.relname AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  t.server_id, coalesce(t.schemaname || '.', '') || t.relname AS relation, t.conname, coalesce(t.names, t.constraintdef) AS columns,
  coalesce(t.parent, 'its parent') AS parent, t.child_rows, t.deletes, t.constraintdef AS definition
FROM told AS t
ORDER BY t.deletes DESC, t.child_rows DESC, subject_id, t.conname
