-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-analytics-on-primary"
version = 1
title = "Reports and short transactions share one server"
headline = "{mean_ms} and {read_text} beside {short_calls} short calls: {statement}"
severity = "warning"
needs = ["stmts"]
uses = ["plan+", "settings"]
rung = 10
summary = "{statement} takes {mean_ms} and reads {read_text}, as the same user of the same database that made {short_calls} calls of less than {short} in the same time ({db_user}). A long wide scan evicts pages, holds a snapshot and keeps a connection that short requests need."
cause = "Load of analysis and of transactions collide."
checks = [
  "Is it the same pool of connections? The same user and database suggest it.",
  "How old is the oldest snapshot while it runs?",
  "How late may the data of the report be? A replica is usually 1 to 10 s behind.",
]
fix = """
1. A pool of its own of 3 to 5 connections, with its own statement_timeout (30 s).
2. A replica.
3. Tables of summaries, or a warehouse."""
proof = "P95 of the short statements stays flat while the report runs."
risk = "The report makes a replica lag, or is cancelled there."
refuse = "A larger shared pool."
quiet = "Statements below 10 s or 10 million rows (100,000 blocks where no plan tells the rows); another user or database; standbys."
related = ["stmt-repeated-aggregate"]

[thresholds]
ms = { value = 10000, unit = "ms", source = "set here" }
rows = { value = 10000000, unit = "rows", source = "set here" }
blocks = { value = 100000, unit = "blocks", source = "set here: 800 MB, where no plan tells the rows" }
short = { value = 50, unit = "ms", source = "set here" }
short_n = { value = 1000, unit = "calls", source = "set here" }
*/
WITH used AS (
  SELECT DISTINCT x.statement_id, x.server_id, x.db, x.user FROM statement_sample AS x
  WHERE NOT EXISTS (SELECT 1 FROM server AS v WHERE v.id = x.server_id AND v.in_recovery = 1)
), dear AS (
  SELECT t.*, (SELECT max(reads) FROM (SELECT sum(coalesce(n.actual_rows, 0) + coalesce(n.rows_removed_by_filter, 0)) AS reads
      FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
      WHERE p.statement_id = t.statement_id AND n.relation IS NOT NULL AND n.loops > 0 GROUP BY p.id)) AS rows_read, 1.0 * (t.shared_hit + t.shared_read) / t.calls AS blocks
  FROM statement_stat AS t JOIN statement_fact AS f ON f.statement_id = t.statement_id
  WHERE t.origin = 'stat' AND f.kind = 'select' AND t.mean_ms >= :ms
), beside AS (
  SELECT d.statement_id, u.server_id, u.db, u.user,
    (SELECT sum(o.calls) FROM statement_stat AS o
      WHERE o.origin = 'stat' AND o.mean_ms < :short AND EXISTS (SELECT 1 FROM used AS w
        WHERE w.statement_id = o.statement_id AND w.server_id IS u.server_id AND w.db IS u.db AND w.user IS u.user))
      AS short_calls
  FROM dear AS d JOIN used AS u ON u.statement_id = d.statement_id
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, d.statement_id AS subject_id, d.first_ns AS start_ns,
  d.last_ns AS end_ns, NULL AS gain_ms, d.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, d.mean_ms, d.calls, d.rows_read, d.blocks,
  CASE WHEN d.rows_read IS NULL THEN CAST(d.blocks AS INTEGER) || ' blocks' ELSE CAST(d.rows_read AS INTEGER) || ' rows' END
    AS read_text,
  max(b.short_calls) AS short_calls, coalesce(b.user, 'unknown user') || ' of ' || coalesce(b.db, 'unknown database')
    AS db_user
FROM dear AS d JOIN beside AS b ON b.statement_id = d.statement_id JOIN statement AS s ON s.id = d.statement_id
WHERE (d.rows_read >= :rows OR d.rows_read IS NULL AND d.blocks >= :blocks) AND b.short_calls >= :short_n
GROUP BY d.statement_id
ORDER BY d.mean_ms DESC, d.statement_id
