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
  WHERE d.kind IN ('drop_column', 'drop_table') AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
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
