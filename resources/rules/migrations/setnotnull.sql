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
  WHERE d.kind = 'set_not_null' AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
)
SELECT CASE WHEN f.rows >= :n THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, coalesce('has ' || printf('%,d', f.rows) || ' rows', 'is of unknown size: import a catalog to know') AS size,
  json_extract(f.extra, '$.column') AS column_name
FROM found AS f
WHERE (f.rows IS NULL OR f.rows >= :n) AND NOT EXISTS (SELECT 1 FROM ddl_statement AS v WHERE v.source_id = f.source_id
  AND v.position < f.position AND v.kind = 'validate_constraint' AND v.object = f.object)
ORDER BY f.rows DESC, subject_id LIMIT 100
