-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-update-whole-table"
version = 1
title = "One statement changes the whole table"
headline = "{place}: one {verb} changes every row of {relation}"
severity = "critical"
needs = ["ddl"]
uses = ["catalog"]
rung = 2
summary = "{place} runs {verb} on {relation} without a WHERE; the table {size}. Hours of row locks, dead rows, checkpoints and lag are four symptoms of this one cause."
cause = "Old rows are filled in one transaction."
checks = [
  "A key that ranges can be cut by.",
  "Where would it start again after a failure?",
]
fix = """
1. In a loop: UPDATE {relation} SET ... WHERE id > <last> AND id <= <last + 10000> AND <not done>; COMMIT; and a pause of 0.1 s.
2. Pause when a standby lags by more than 1.5 s, stop at 10 s."""
proof = "The longest transaction, the lag, the dead rows."
risk = "It takes longer."
refuse = "One transaction \"so that it is atomic\"."
quiet = "Fewer than 1,000,000 rows; tables of the same script; TRUNCATE."
related = ["mig-no-lock-timeout", "table-dead-tuples"]

[thresholds]
n = { value = 1000000, unit = "rows", source = "set here" }
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
  FROM ddl_statement AS d WHERE d.kind IN ('update_all', 'delete_all') AND json_extract(d.extra, '$.down') IS NULL
), found AS (
  SELECT d.*, max(s.rows) AS rows, max(s.bytes) AS bytes, max(s.relkind) AS relkind
  FROM changes AS d LEFT JOIN sized AS s ON s.name = d.table_name AND (d.table_schema IN ('', s.schema) OR s.schema IS NULL)
    LEFT JOIN made AS m ON m.source_id = d.source_id AND m.name = d.table_name AND m.position < d.position
      AND (m.schema = '' OR d.table_schema IN ('', m.schema))
  WHERE m.position IS NULL GROUP BY d.id
)
SELECT CASE WHEN f.rows IS NULL THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, CASE WHEN f.rows IS NULL THEN 'is of unknown size: import a catalog to know' ELSE 'has ' || printf('%,d', f.rows) || ' rows' END AS size,
  CASE f.kind WHEN 'update_all' THEN 'UPDATE' ELSE 'DELETE' END AS verb
FROM found AS f
WHERE f.rows IS NULL OR f.rows >= :n
ORDER BY f.rows DESC, subject_id LIMIT 100
