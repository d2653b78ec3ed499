-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-index-blocking"
version = 1
title = "Index build blocks writes"
headline = "{place}: building {index_name} stops all writes to {relation}"
severity = "critical"
needs = ["ddl"]
uses = ["catalog"]
rung = 2
summary = "{place} builds {index_name} on {relation} without CONCURRENTLY; the table {size}. Every INSERT, UPDATE and DELETE waits until the build ends."
cause = "A plain build holds a Share lock on the table."
checks = [
  "Does the tool open a transaction? CONCURRENTLY cannot run in one.",
  "Old transactions make a concurrent build wait.",
  "maintenance_work_mem is 64 MB by default: more makes the build shorter.",
]
fix = """
1. SET maintenance_work_mem = '1GB'; then the same statement with CONCURRENTLY behind INDEX, its UNIQUE, USING, INCLUDE and WHERE as they are, outside a transaction.
2. Look at indisvalid afterwards: a build that failed leaves an index that is never used."""
proof = "No write waits, and the index is valid."
risk = "Two scans instead of one, 1.5 to 2 times as long."
refuse = "\"At night nobody notices.\""
quiet = "Tables of the same script; fewer than 100,000 rows; partitioned tables, whose partitions get theirs one by one."
related = ["index-invalid", "mig-no-lock-timeout"]

[thresholds]
n = { value = 100000, unit = "rows", source = "set here" }
*/
WITH made AS (
  -- What the script makes itself is empty, and nobody reads it yet.
  SELECT c.source_id, substr(c.object, instr(c.object, '.') + 1) AS name, substr(c.object, 1, instr(c.object, '.')) AS schema,
    min(c.position) AS position
  FROM ddl_statement AS c WHERE c.kind IN ('create_table', 'create_table_as', 'create_materialized_view') GROUP BY 1, 2, 3
), sized AS (
  SELECT t.schemaname || '.' AS schema, t.relname AS name, max(nullif(t.reltuples, -1)) AS rows, max(t.table_bytes) AS bytes,
    max(t.relkind) AS relkind
  FROM db_table AS t GROUP BY 1, 2
), changes AS (
  SELECT d.*, substr(d.object, instr(d.object, '.') + 1) AS table_name, substr(d.object, 1, instr(d.object, '.')) AS table_schema
  FROM ddl_statement AS d WHERE d.kind = 'create_index' AND json_extract(d.extra, '$.concurrently') IS NULL AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows IS NULL THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  coalesce(json_extract(f.extra, '$.name'), 'an index') AS index_name,
  (SELECT group_concat(c.value, ', ') FROM json_each(f.extra, '$.columns') AS c) AS columns
FROM found AS f
WHERE (f.rows IS NULL OR f.rows >= :n) AND coalesce(f.relkind, 'r') <> 'p' AND json_extract(f.extra, '$.only') IS NULL
ORDER BY f.rows DESC, subject_id LIMIT 100
