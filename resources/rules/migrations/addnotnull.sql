-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-add-not-null"
version = 1
title = "New NOT NULL column without a default"
headline = "{place}: {column_name} of {relation} must have a value and has none to start with"
severity = "critical"
needs = ["ddl"]
uses = ["catalog"]
rung = 2
summary = "{place} adds {column_name} to {relation} as NOT NULL without a default. A table with rows refuses it; on an empty one every INSERT of the version that runs fails until it is replaced. The table {size}."
cause = "The code that runs does not know the column."
checks = [
  "How long do old and new versions run side by side, and how many inserts is that?",
  "The version of the server: a constant default is free from 11 on.",
]
fix = """
1. ALTER TABLE {relation} ADD COLUMN {column_name} {type_name} DEFAULT <constant>; no rewrite since 11.
2. Fill old rows in batches of 10,000 to 50,000.
3. NOT NULL last, by a CHECK constraint that is NOT VALID first and validated later.
4. When it has happened: ALTER TABLE {relation} ALTER COLUMN {column_name} SET DEFAULT <value>;"""
proof = "No errors of the constraint during the rollout."
risk = "More steps."
refuse = "Code and constraint in one deployment."
quiet = "Tables of the same script; identity, serial and generated columns; columns with any default."
related = ["mig-no-lock-timeout", "mig-set-not-null"]
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
  FROM ddl_statement AS d WHERE d.kind = 'add_column' AND json_extract(d.extra, '$.default') = 'none'
    AND (json_extract(d.extra, '$.not_null') = 1 OR json_extract(d.extra, '$.primary_key') = 1) AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows = 0 THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  json_extract(f.extra, '$.column') AS column_name, json_extract(f.extra, '$.type') AS type_name
FROM found AS f
ORDER BY f.rows DESC, subject_id LIMIT 100
