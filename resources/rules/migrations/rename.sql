-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-rename"
version = 1
title = "Rename breaks the version that runs"
headline = "{place}: {old_name} becomes {new_name}, and one of two versions fails"
severity = "critical"
needs = ["ddl"]
rung = 2
summary = "{place} renames {old_name} to {new_name}. From that moment the old version of the code, or the new one, asks for a name that is not there."
cause = "The code that runs uses the old name."
checks = ["Who else reads it: reports, other services, functions and views?"]
fix = """
1. A new column, written beside the old one; move reads over; drop the old one: three deployments at least.
2. For a table: a view with the old name."""
proof = "No errors about unknown columns or tables."
risk = "Time."
refuse = "Renaming in the pause of a deployment."
quiet = "Objects of the same script; indexes and constraints."
related = ["mig-drop", "mig-no-lock-timeout"]
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
  FROM ddl_statement AS d WHERE d.kind IN ('rename_column', 'rename_table') AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT 'critical' AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place,
  f.object || coalesce('.' || json_extract(f.extra, '$.column'), '') AS old_name, json_extract(f.extra, '$.to') AS new_name
FROM found AS f
ORDER BY f.source_id, f.position LIMIT 100
