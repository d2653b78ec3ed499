-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-type-change"
version = 1
title = "Type change rewrites the table"
headline = "{place}: {column_name} of {relation} becomes {type_name}: the table is copied"
severity = "critical"
needs = ["ddl"]
uses = ["catalog"]
rung = 5
summary = "{place} changes {column_name} of {relation} from {old_type} to {type_name}. All reads and writes of the table stop while it is copied and every index of it is built again; the table {size}."
cause = "A rewrite under an AccessExclusive lock."
checks = [
  "Is the change one of those without a rewrite: a longer varchar, varchar to text, numeric of more digits and the same scale?",
  "Views and indexes that depend on the column.",
  "How long does a copy of the table take?",
]
fix = """
1. A new column of the new type, written beside the old one.
2. Fill old rows in batches, move reads over, drop the old column: five deployments."""
proof = "No statement waits."
risk = "Weeks, and the space of the column twice."
refuse = "Tools of another database."
quiet = "Changes that rewrite nothing; fewer than 100,000 rows; tables of the same script."
related = ["mig-no-lock-timeout"]

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
  FROM ddl_statement AS d WHERE d.kind = 'alter_column_type' AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
), typed AS (
  SELECT f.*, json_extract(f.extra, '$.column') AS column_name, json_extract(f.extra, '$.type') AS type_name,
    (SELECT max(c.format_type) FROM db_column AS c WHERE c.attname = json_extract(f.extra, '$.column')
      AND f.object IN (c.relname, c.schemaname || '.' || c.relname)) AS old_type
  FROM found AS f
), judged AS (
  SELECT t.*,
    CASE WHEN t.old_type IS NULL THEN NULL
      WHEN t.old_type = t.type_name THEN 0
      WHEN t.old_type LIKE 'character varying%' AND t.type_name IN ('text', 'character varying') THEN 0
      WHEN t.old_type = 'text' AND t.type_name = 'character varying' THEN 0
      WHEN t.old_type LIKE 'character varying(%' AND t.type_name LIKE 'character varying(%'
        THEN CAST(substr(t.type_name, 19) AS INTEGER) < CAST(substr(t.old_type, 19) AS INTEGER)
      WHEN t.old_type LIKE 'numeric(%' AND t.type_name = 'numeric' THEN 0
      WHEN t.old_type LIKE 'numeric(%,%' AND t.type_name LIKE 'numeric(%,%'
        THEN CAST(substr(t.type_name, 9) AS INTEGER) < CAST(substr(t.old_type, 9) AS INTEGER)
          OR substr(t.type_name, instr(t.type_name, ',')) <> substr(t.old_type, instr(t.old_type, ','))
      WHEN t.old_type LIKE 'bit varying(%' AND t.type_name = 'bit varying' THEN 0
      WHEN t.old_type = 'cidr' AND t.type_name = 'inet' THEN 0
      ELSE 1 END AS rewrites
  FROM typed AS t
)
SELECT CASE WHEN f.rows >= :n AND f.rewrites = 1 THEN 'critical'
    WHEN f.rewrites IS NULL AND f.type_name IN ('text', 'character varying') THEN 'info' ELSE 'warning' END AS severity,
  'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  f.column_name, f.type_name, coalesce(f.old_type, 'a type that is not known') AS old_type
FROM judged AS f
WHERE coalesce(f.rewrites, 1) = 1 AND (f.rows IS NULL OR f.rows >= :n)
ORDER BY f.rows DESC, subject_id LIMIT 100
