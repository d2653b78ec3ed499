-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-no-lock-timeout"
version = 1
title = "Schema change without a lock limit"
headline = "{file}: {n_statements} statements wait for locks without a limit"
severity = "warning"
needs = ["ddl"]
rung = 2
summary = "{file} changes {relation} in line {line}, the first of {n_statements} such statements, and sets no lock_timeout before. Even a change that takes a millisecond must wait for the statements that run, and all that come later wait behind it."
cause = "The statement queues in front of everybody else."
checks = [
  "Long transactions at that hour: reports, dumps.",
  "Does the tool set lock_timeout for its role or connection?",
]
fix = """
1. SET lock_timeout = '2s'; as the first line, and try again with pauses when it is hit.
2. End long readers first."""
proof = "The longest queue behind a schema change is below 2 s."
risk = "The migration may have to be tried several times."
refuse = "\"The statement itself takes milliseconds.\""
quiet = "New tables; CONCURRENTLY; scripts that set lock_timeout first."
related = ["mig-index-blocking", "mig-type-change"]
*/
WITH made AS (
  SELECT c.source_id, substr(c.object, instr(c.object, '.') + 1) AS name, substr(c.object, 1, instr(c.object, '.')) AS schema,
    min(c.position) AS position
  FROM ddl_statement AS c WHERE c.kind IN ('create_table', 'create_table_as', 'create_materialized_view') GROUP BY 1, 2, 3
), limits AS (
  -- The first that is not "no limit".
  SELECT s.source_id, min(s.position) AS position FROM ddl_statement AS s
  WHERE s.kind = 'set' AND json_extract(s.extra, '$.name') = 'lock_timeout'
    AND json_extract(s.extra, '$.value') NOT IN ('0', '0s', '0ms') GROUP BY s.source_id
), waiting AS (
  SELECT d.*, row_number() OVER (PARTITION BY d.source_id ORDER BY d.position, d.id) AS place,
    count(*) OVER (PARTITION BY d.source_id) AS n
  FROM ddl_statement AS d LEFT JOIN limits AS l ON l.source_id = d.source_id
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = substr(d.object, instr(d.object, '.') + 1)
      AND m.position < d.position AND (m.schema = '' OR substr(d.object, 1, instr(d.object, '.')) IN ('', m.schema))
  WHERE (d.kind IN ('add_column', 'drop_column', 'alter_column_type', 'set_not_null', 'drop_not_null', 'set_default', 'drop_default',
      'add_constraint', 'drop_constraint', 'rename_table', 'rename_column', 'drop_table', 'create_trigger', 'attach_partition',
      'detach_partition', 'truncate', 'cluster', 'set_logged', 'set_un_logged', 'set_table_space', 'drop_index', 'create_index', 'reindex')
    OR d.kind = 'vacuum' AND json_extract(d.extra, '$.full') = 1)
    AND json_extract(d.extra, '$.concurrently') IS NULL AND json_extract(d.extra, '$.down') IS NULL
    AND (l.position IS NULL OR l.position > d.position)
    AND m.position IS NULL
)
SELECT 'warning' AS severity, 'migration' AS subject_kind, w.file || ':' || w.line AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms, w.source_id, w.file, w.line, coalesce(w.object, 'the schema') AS relation, w.kind, w.n AS n_statements
FROM waiting AS w WHERE w.place = 1
ORDER BY w.n DESC, subject_id LIMIT 100
