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
  WHERE d.kind IN ('update_all', 'delete_all') AND json_extract(d.extra, '$.down') IS NULL
    AND NOT EXISTS (SELECT 1 FROM made AS m WHERE m.source_id = d.source_id AND m.position < d.position
      AND (m.object = d.object OR substr(m.object, instr(m.object, '.') + 1) = d.object
        OR m.object = substr(d.object, instr(d.object, '.') + 1)))
)
SELECT CASE WHEN f.rows IS NULL THEN 'warning' ELSE 'critical' END AS severity, 'migration' AS subject_kind, f.file || ':' || f.line AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  f.source_id, f.object AS relation, f.file, f.line, f.file || ':' || f.line AS place, f.rows AS table_rows, coalesce('has ' || printf('%,d', f.rows) || ' rows', 'is of unknown size: import a catalog to know') AS size,
  CASE f.kind WHEN 'update_all' THEN 'UPDATE' ELSE 'DELETE' END AS verb
FROM found AS f
WHERE f.rows IS NULL OR f.rows >= :n
ORDER BY f.rows DESC, subject_id LIMIT 100
