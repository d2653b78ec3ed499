-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-foreign-key"
version = 1
title = "Foreign key checked under a lock"
headline = "{place}: the foreign key of {relation} is checked while both tables refuse writes"
severity = "warning"
needs = ["ddl"]
uses = ["catalog"]
rung = 2
summary = "{place} adds a foreign key from {relation} to {parent} without NOT VALID: both tables refuse writes until every row is checked. The table {size}."
cause = "The check reads all rows and both tables are locked against writes meanwhile."
checks = ["Is there an index on the column that refers? See fk-unindexed."]
fix = """
1. The same ALTER TABLE with NOT VALID at its end.
2. ALTER TABLE {relation} VALIDATE CONSTRAINT <name>; later: writes go on."""
proof = "No write waits."
risk = "Rows of before stay unchecked until step 2."
refuse = "Leaving the constraint out for good."
quiet = "NOT VALID; fewer than 100,000 rows; tables of the same script."
related = ["fk-unindexed", "mig-no-lock-timeout"]

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
  FROM ddl_statement AS d WHERE (d.kind = 'add_constraint' AND json_extract(d.extra, '$.constraint_type') = 'foreign_key'
      OR d.kind = 'add_column' AND json_extract(d.extra, '$.references') IS NOT NULL
        AND json_extract(d.extra, '$.default') NOT IN ('none', 'generated'))
    AND json_extract(d.extra, '$.not_valid') IS NULL AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows >= :n THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  json_extract(f.extra, '$.references') AS parent
FROM found AS f
WHERE f.rows IS NULL OR f.rows >= :n
ORDER BY f.rows DESC, subject_id LIMIT 100
