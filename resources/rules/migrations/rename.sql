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
  WHERE d.kind IN ('rename_column', 'rename_table') AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
)
SELECT 'critical' AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place,
  f.object || coalesce('.' || json_extract(f.extra, '$.column'), '') AS old_name, json_extract(f.extra, '$.to') AS new_name
FROM found AS f
ORDER BY f.source_id, f.position LIMIT 100
