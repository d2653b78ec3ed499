-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "log-autovacuum-long"
version = 1
title = "Autovacuum of a table takes long"
headline = "Autovacuum of {relation} took {longest_ms}"
severity = "warning"
needs = ["log"]
uses = ["settings"]
rung = 2
summary = "Autovacuum of {relation} took up to {longest_ms} ({runs} runs in the log, {total_ms} in all). While it lasts, rows that die are not cleaned, and its worker is missing for other tables."
cause = "A large table with a small budget (autovacuum_vacuum_cost_limit), many indexes, or too little memory for the list of dead rows (several scans of the indexes)."
checks = [
  "How many scans of the indexes does the line tell? More than one: maintenance_work_mem is too small.",
  "Is the read rate in the line far below what the disk can do? Then the cost limit holds it back.",
  "How many indexes does the table have?",
]
fix = """
1. ALTER TABLE <table> SET (autovacuum_vacuum_scale_factor = 0.01); so that it runs earlier and has less to do.
2. A higher autovacuum_vacuum_cost_limit.
3. A larger autovacuum_work_mem, where there are several scans of the indexes."""
proof = "The time in the line falls."
risk = "More reading and writing while it runs."
refuse = "Switching autovacuum off, or VACUUM FULL on a large live table."
quiet = "Less than 10 minutes."
related = ["log-autovacuum-cancelled"]

[thresholds]
long_w = { value = 600000, unit = "ms", source = "set here" }
*/
WITH runs AS (
  SELECT e.id, e.ts_ns, coalesce(e.duration_ms, CASE WHEN instr(e.message, 'elapsed: ') > 0
      THEN CAST(substr(e.message, instr(e.message, 'elapsed: ') + 9) AS REAL) * 1000 END) AS ms,
    substr(e.message, instr(e.message, 'of table "') + 10) AS rest
  FROM log_entry AS e
  WHERE e.kind = 'autovacuum' AND e.message LIKE 'automatic%vacuum%of table "%'
), named AS (
  SELECT r.*, substr(r.rest, 1, instr(r.rest, '"') - 1) AS relation FROM runs AS r
)
SELECT 'warning' AS severity, 'table' AS subject_kind, n.relation AS subject_id,
  min(n.ts_ns - CAST(n.ms * 1000000 AS INTEGER)) AS start_ns, max(n.ts_ns) AS end_ns, NULL AS gain_ms,
  n.relation, max(n.ms) AS longest_ms, sum(n.ms) AS total_ms, count(*) AS runs, min(n.id) AS log_id
FROM named AS n GROUP BY n.relation HAVING max(n.ms) >= :long_w
ORDER BY longest_ms DESC, n.relation LIMIT 100
