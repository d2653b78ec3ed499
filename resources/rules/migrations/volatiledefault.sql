-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-volatile-default"
version = 1
title = "Default forces a rewrite"
headline = "{place}: the default of {column_name} is another for each row: {relation} is copied"
severity = "critical"
needs = ["ddl"]
uses = ["catalog", "settings"]
rung = 2
summary = "{place} adds {column_name} to {relation} with {why}. The whole table is copied under an exclusive lock; it {size}."
cause = "Each row needs a value of its own."
checks = [
  "The version of the server: constant and stable defaults, also now(), are stored once from 11 on.",
  "provolatile of the function in pg_proc.",
]
fix = """
1. ALTER TABLE {relation} ADD COLUMN {column_name} {type_name}; without the default.
2. ALTER TABLE {relation} ALTER COLUMN {column_name} SET DEFAULT <the same>; it holds for new rows.
3. Fill old rows in batches of 10,000 to 50,000."""
proof = "The table keeps its file."
risk = "More steps."
refuse = "\"It was quick on the staging server.\""
quiet = "Constant and stable defaults from 11 on; functions that are not known; fewer than 100,000 rows; tables of the same script."
related = ["mig-add-not-null", "mig-no-lock-timeout"]

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
  FROM ddl_statement AS d WHERE d.kind = 'add_column' AND json_extract(d.extra, '$.default') IN ('volatile', 'stable', 'constant') AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows >= :n THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  json_extract(f.extra, '$.column') AS column_name, json_extract(f.extra, '$.type') AS type_name,
  CASE json_extract(f.extra, '$.default') WHEN 'volatile' THEN 'a default that is another for each row'
    ELSE 'a default, which servers before 11 write into every row' END AS why
FROM found AS f
WHERE (f.rows IS NULL OR f.rows >= :n) AND (json_extract(f.extra, '$.default') = 'volatile'
  OR (SELECT max(s.server_version_num) FROM server AS s) < 110000)
ORDER BY f.rows DESC, subject_id LIMIT 100
