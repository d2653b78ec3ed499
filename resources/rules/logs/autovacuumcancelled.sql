-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "log-autovacuum-cancelled"
version = 1
title = "Autovacuum is cancelled again and again"
headline = "Autovacuum of {relation} was cancelled {n} times"
severity = "warning"
needs = ["log"]
rung = 2
summary = "Autovacuum of {relation} was cancelled {n} times and finished {finished} times in the log. It gives way to a session that asks for a stronger lock on the table; if that happens each time, dead rows and old statistics stay."
cause = "Something takes a strong lock on the table again and again: a migration, LOCK TABLE, TRUNCATE, CREATE INDEX without CONCURRENTLY, a job that alters it."
checks = ["Which session waited for it? (lines of the same second)", "Does a job lock or alter the table regularly?"]
fix = """
1. Move or drop what locks the table.
2. VACUUM (ANALYZE) {relation}; at a quiet time until then: it is not cancelled."""
proof = "A line 'automatic vacuum of table' for it, and fewer dead rows."
risk = "The other job waits until the vacuum ends."
refuse = "Switching autovacuum off for the table."
quiet = "Fewer than three cancellations, or fewer than those that finished."
related = ["table-stats-stale"]

[thresholds]
n = { value = 3, unit = "times", source = "set here" }
*/
WITH cancelled AS (
  SELECT coalesce(e.server_id, -e.source_id) AS server, e.id, e.ts_ns,
    substr(e.context, instr(e.context, 'of table "') + 10) AS rest
  FROM log_entry AS e
  WHERE e.message = 'canceling autovacuum task' AND instr(e.context, 'of table "') > 0
), named AS (
  SELECT c.*, substr(c.rest, 1, instr(c.rest, '"') - 1) AS relation FROM cancelled AS c
), counted AS (
  SELECT n.server, n.relation, count(*) AS n, min(n.ts_ns) AS first_ns, max(n.ts_ns) AS last_ns, min(n.id) AS log_id
  FROM named AS n GROUP BY n.server, n.relation
), judged AS (
  SELECT c.*, (SELECT count(*) FROM log_entry AS e WHERE e.kind = 'autovacuum'
    AND coalesce(e.server_id, -e.source_id) = c.server AND e.message LIKE 'automatic%'
    AND instr(e.message, 'of table "' || c.relation || '"') > 0) AS finished
  FROM counted AS c WHERE c.n >= :n
)
SELECT 'warning' AS severity, 'table' AS subject_kind, j.relation AS subject_id, j.first_ns AS start_ns,
  j.last_ns AS end_ns, NULL AS gain_ms, j.relation, j.n, j.finished, j.log_id
FROM judged AS j WHERE j.n > j.finished
ORDER BY j.n DESC, j.relation LIMIT 100
