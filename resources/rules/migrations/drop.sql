-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-drop"
version = 1
title = "Drop cannot be taken back"
headline = "{place}: {dropped} is gone for good"
severity = "warning"
needs = ["ddl"]
uses = ["catalog", "sql"]
rung = 2
summary = "{place} drops {dropped}. The catalog forgets it at once, and only a restore brings it back; statements that name {bare_name} in this workspace: {users}."
cause = "References may be left: statements, views, code, reports."
checks = [
  "Statements, views and code that name it.",
  "Was a restore tried lately?",
]
fix = "1. Stop using it, wait 30 days, then drop it with a lock limit."
proof = "Nothing used it for 30 days."
risk = "Space is used meanwhile."
refuse = "Dropping right after the last change of code."
quiet = "Objects that this script made itself; scripts that undo a migration."
related = ["mig-no-lock-timeout", "mig-rename"]
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
  FROM ddl_statement AS d WHERE d.kind IN ('drop_column', 'drop_table') AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
), named AS (
  SELECT f.*, f.object || coalesce('.' || json_extract(f.extra, '$.column'), '') AS dropped,
    coalesce(json_extract(f.extra, '$.column'), f.table_name) AS bare_name
  FROM found AS f
), used AS (
  SELECT f.*, (SELECT count(*) FROM (SELECT 1 FROM statement AS s WHERE instr(s.text, f.table_name) > 0
    AND instr(s.text, f.bare_name) > 0 LIMIT 1000)) AS users
  FROM named AS f
)
SELECT CASE WHEN f.users > 0 THEN 'critical' ELSE 'warning' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.dropped, f.bare_name, f.users
FROM used AS f
ORDER BY f.users DESC, f.source_id, f.position LIMIT 100
