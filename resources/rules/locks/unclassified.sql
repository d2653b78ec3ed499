-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "deadlock-unclassified"
version = 1
title = "Deadlock without a known pattern"
headline = "{n} deadlocks of no known pattern: {statement_a}"
severity = "info"
needs = ["log"]
uses = ["sql", "catalog"]
rung = 5
summary = "{n} deadlocks of {processes} processes fit no pattern: {statement_a} and {statement_b}. {hint} Pages of an index take no part in a deadlock; conflicts of keys do."
cause = "Unique keys that are inserted in opposite order; many indexes only lengthen the time in which it can happen."
checks = ["The statements in the detail of the log.", "The unique keys of the tables.", "The order of the inserts."]
fix = """
1. Insert in the order of the key, or ON CONFLICT in sorted batches.
2. Fewer unique indexes on tables with much traffic."""
proof = "The number of deadlocks."
risk = "None to speak of."
refuse = "Only retries: the order stays wrong."
quiet = "Another rule on deadlocks knows the pattern."
related = ["deadlock-rate", "deadlock-opposite-order"]
*/
WITH members AS (
  SELECT m.source_id, m.server_id, m.deadlock, m.position, m.ts_ns, m.pid, m.log_id, m.mode, m.statement_id,
    m.query_text, f.kind, f.locks, f.changed_columns,
    coalesce(f.target, m.relation) AS relation,
    coalesce(f.kind IN ('update', 'delete', 'insert', 'merge') OR f.locks IS NOT NULL, 0) AS writes
  FROM deadlock_member AS m LEFT JOIN statement_fact AS f ON f.statement_id = m.statement_id
), known AS (
  SELECT a.source_id, a.deadlock FROM members AS a JOIN members AS b
    ON b.source_id = a.source_id AND b.deadlock = a.deadlock AND b.position > a.position AND b.relation = a.relation
  WHERE a.writes AND b.writes AND a.kind <> 'insert' AND b.kind <> 'insert'
  UNION
  SELECT a.source_id, a.deadlock FROM members AS a JOIN members AS b
    ON b.source_id = a.source_id AND b.deadlock = a.deadlock AND b.position <> a.position
  JOIN db_constraint AS k ON k.contype = 'f' AND k.relname = a.relation
  JOIN db_table AS t ON t.oid = k.confrelid AND t.server_id IS k.server_id AND t.relname = b.relation
  WHERE a.kind = 'insert' AND (b.locks = 'update' OR b.kind IN ('delete', 'update'))
), cycles AS (
  SELECT d.source_id, d.server_id, d.deadlock, min(d.ts_ns) AS ts_ns, min(d.log_id) AS log_id, count(*) AS processes,
    min(d.statement_id) AS id_a, max(d.statement_id) AS id_b, min(coalesce(d.kind = 'insert', 0)) AS inserts
  FROM members AS d WHERE (d.source_id, d.deadlock) NOT IN (SELECT source_id, deadlock FROM known)
  GROUP BY d.source_id, d.deadlock
)
SELECT 'info' AS severity, 'deadlock' AS subject_kind, coalesce(c.id_a || '/' || c.id_b, 'unknown') AS subject_id,
  min(c.ts_ns) AS start_ns, max(c.ts_ns) AS end_ns, NULL AS gain_ms, count(*) AS n, max(c.processes) AS processes,
  coalesce((SELECT substr(coalesce(s.text, s.normalized), 1, 120) FROM statement AS s WHERE s.id = c.id_a),
    'an unknown statement') AS statement_a,
  CASE WHEN c.id_a = c.id_b THEN 'the same with other values'
    ELSE coalesce((SELECT substr(coalesce(s.text, s.normalized), 1, 120) FROM statement AS s WHERE s.id = c.id_b),
      'an unknown statement') END AS statement_b,
  CASE WHEN max(c.inserts) = 1 THEN 'All of them insert: look for unique keys that are inserted in different order.'
    ELSE 'Look at what else the transactions did before.' END AS hint,
  c.id_a AS statement_id, min(c.log_id) AS log_id
FROM cycles AS c GROUP BY c.server_id, c.id_a, c.id_b
ORDER BY n DESC, subject_id LIMIT 100
