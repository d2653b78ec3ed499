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
  WHERE (d.kind = 'cluster' OR d.kind = 'vacuum' AND json_extract(d.extra, '$.full') = 1) AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
)
SELECT CASE WHEN f.bytes IS NULL THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, coalesce(f.object, 'every table') AS relation, f.file, f.line, f.file || ':' || f.line AS place,
  CASE f.kind WHEN 'cluster' THEN 'CLUSTER' ELSE 'VACUUM FULL' END AS verb, f.bytes AS table_bytes
FROM found AS f
WHERE f.bytes IS NULL OR f.bytes >= :s
ORDER BY f.bytes DESC, subject_id LIMIT 100
