-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-vacuum-full"
version = 1
title = "VACUUM FULL or CLUSTER on a live table"
headline = "{place}: {verb} makes {relation} unavailable until its copy is done"
severity = "critical"
needs = ["ddl"]
uses = ["catalog"]
rung = 3
summary = "{place} runs {verb} on {relation}. Nobody reads or writes the table until it is copied whole; its size: {table_bytes}."
cause = "A rewrite under an exclusive lock."
checks = ["Is the space needed back at all? Plain VACUUM keeps it for new rows."]
fix = """
1. VACUUM (ANALYZE) {relation};
2. pg_repack, when the space must come back.
3. A window in which nobody needs the table."""
proof = "Nobody waits for the table."
risk = "None with plain VACUUM."
refuse = "VACUUM FULL on a live table."
quiet = "Tables below 1 GB; tables of the same script."
related = ["mig-no-lock-timeout", "table-dead-tuples"]

[thresholds]
s = { value = 1073741824, unit = "bytes", source = "set here" }
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
  FROM ddl_statement AS d WHERE (d.kind = 'cluster' OR d.kind = 'vacuum' AND json_extract(d.extra, '$.full') = 1) AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.bytes IS NULL THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, coalesce(f.object, 'every table') AS relation, f.file, f.line, f.file || ':' || f.line AS place,
  CASE f.kind WHEN 'cluster' THEN 'CLUSTER' ELSE 'VACUUM FULL' END AS verb, f.bytes AS table_bytes
FROM found AS f
WHERE f.bytes IS NULL OR f.bytes >= :s
ORDER BY f.bytes DESC, subject_id LIMIT 100
