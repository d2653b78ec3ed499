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
  SELECT c.source_id, c.object, c.position FROM ddl_statement AS c
  WHERE c.kind IN ('create_table', 'create_table_as', 'create_materialized_view')
), sized AS (
  SELECT t.schemaname, t.relname, max(nullif(t.reltuples, -1)) AS rows, max(t.table_bytes) AS bytes, max(t.relkind) AS relkind
  FROM db_table AS t GROUP BY t.schemaname, t.relname
), found AS (
  SELECT d.*, s.rows, s.bytes, s.relkind,
    substr(d.object, instr(d.object, '.') + 1) AS table_name
  FROM ddl_statement AS d LEFT JOIN sized AS s
    ON d.object IN (s.relname, s.schemaname || '.' || s.relname)
  WHERE (d.kind = 'add_constraint' AND json_extract(d.extra, '$.constraint_type') = 'foreign_key'
      OR d.kind = 'add_column' AND json_extract(d.extra, '$.references') IS NOT NULL
        AND json_extract(d.extra, '$.default') NOT IN ('none', 'generated'))
    AND json_extract(d.extra, '$.not_valid') IS NULL AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
)
SELECT CASE WHEN f.rows >= :n THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, coalesce('has ' || printf('%,d', f.rows) || ' rows', 'is of unknown size: import a catalog to know') AS size,
  json_extract(f.extra, '$.references') AS parent
FROM found AS f
WHERE f.rows IS NULL OR f.rows >= :n
ORDER BY f.rows DESC, subject_id LIMIT 100
