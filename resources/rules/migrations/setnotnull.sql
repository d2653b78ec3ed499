-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-set-not-null"
version = 1
title = "SET NOT NULL reads the table under a lock"
headline = "{place}: SET NOT NULL on {column_name} reads all of {relation} while nobody else can"
severity = "warning"
needs = ["ddl"]
uses = ["catalog"]
rung = 2
summary = "{place} makes {column_name} of {relation} NOT NULL, and the script has no validated CHECK ({column_name} IS NOT NULL) before it: every row is looked at while all others wait. The table {size}."
cause = "The server needs a proof for every row."
checks = [
  "The version of the server: from 12 on a validated check is taken as proof.",
  "Are nulls left?",
]
fix = """
1. ALTER TABLE {relation} ADD CONSTRAINT <name> CHECK ({column_name} IS NOT NULL) NOT VALID;
2. ALTER TABLE {relation} VALIDATE CONSTRAINT <name>; writes go on meanwhile.
3. SET NOT NULL, then drop the check."""
proof = "No statement waits."
risk = "More steps."
refuse = "Tools of another database."
quiet = "Fewer than 100,000 rows; a constraint of the table that was validated before in the same script."
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
  FROM ddl_statement AS d WHERE d.kind = 'set_not_null' AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows >= :n THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  json_extract(f.extra, '$.column') AS column_name
FROM found AS f
WHERE (f.rows IS NULL OR f.rows >= :n) AND NOT EXISTS (SELECT 1 FROM ddl_statement AS v WHERE v.source_id = f.source_id
  AND v.position < f.position AND v.kind = 'validate_constraint' AND v.object = f.object)
ORDER BY f.rows DESC, subject_id LIMIT 100
