-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "txn-long-running"
version = 1
title = "A transaction is open for too long"
headline = "Process {pid} has a transaction open for {age_ms}"
severity = "warning"
needs = ["sessions"]
uses = ["locks", "tabstat"]
rung = 5
summary = "The transaction of process {pid} ({who}, {state}) was open for {age_ms}. As long as it is no row version newer than its snapshot can be removed, and its locks stay{held}."
cause = "A report on the primary, a batch in one transaction, a session that was forgotten."
checks = [
  "Does it work, or is it idle in the transaction?",
  "Have dead rows grown since it began?",
  "Is it a batch?",
]
fix = """
1. Commit in batches of 10,000 to 50,000 rows.
2. Run reports on a replica.
3. A limit: ALTER ROLE <role> SET statement_timeout = '5min'; transaction_timeout from version 17.
4. End it by hand: SELECT pg_terminate_backend({pid});"""
proof = "The oldest transaction stays below the limit."
risk = "Jobs that are ended must be able to start again."
refuse = "More vacuum workers, or longer time limits for those who wait."
quiet = "Backups and index builds that tell how far they are; senders of replication; sessions of this program."
related = ["vacuum-held-back", "pool-idle-in-transaction", "mig-update-whole-table"]

[thresholds]
w = { value = 300, unit = "s", source = "set here" }
c = { value = 3600, unit = "s", source = "set here" }
*/
WITH open AS (
  SELECT coalesce(s.server_id, 0) AS server, s.pid, s.xact_start_ns, max(s.ts_ns) AS last_ns, s.state, s.application, s.user, s.db,
    s.statement_id, s.backend_xmin, s.xid_age
  FROM session_sample AS s
  WHERE s.xact_start_ns IS NOT NULL AND s.ts_ns - s.xact_start_ns >= :w * 1000000000
    AND coalesce(s.backend_type, 'client backend') = 'client backend' AND coalesce(s.application, '') NOT LIKE 'tailscope%'
  GROUP BY server, s.pid, s.xact_start_ns
), told AS (
  SELECT o.*, o.last_ns - o.xact_start_ns AS age_ns,
    (SELECT count(DISTINCT e.blocked_pid) FROM lock_edge AS e WHERE coalesce(e.server_id, 0) = o.server AND e.blocker_pid = o.pid
      AND e.ts_ns BETWEEN o.xact_start_ns AND o.last_ns) AS blocked,
    EXISTS (SELECT 1 FROM progress_sample AS p WHERE coalesce(p.server_id, 0) = o.server AND p.pid = o.pid
      -- At its end: a COPY of a second long before says nothing, nor does another backend with the number later.
      AND p.ts_ns BETWEEN max(o.xact_start_ns, o.last_ns - 30000000000) AND o.last_ns + 10000000000) AS tells
  FROM open AS o
)
SELECT CASE WHEN t.age_ns >= :c * 1000000000 OR t.blocked > 0 THEN 'critical' ELSE 'warning' END AS severity,
  'session' AS subject_kind, t.pid AS subject_id, t.xact_start_ns AS start_ns, t.last_ns AS end_ns, NULL AS gain_ms,
  t.pid, t.age_ns / 1e6 AS age_ms, coalesce(t.state, 'state unknown') AS state,
  coalesce(nullif(t.application, ''), t.user, 'application unknown') || coalesce(' on ' || t.db, '') AS who, t.blocked,
  CASE WHEN t.blocked > 0 THEN '; ' || t.blocked || ' others wait for them' ELSE '' END AS held,
  t.backend_xmin AS xmin_age, t.xid_age,
  (SELECT substr(coalesce(q.normalized, q.text), 1, 300) FROM statement AS q WHERE q.id = t.statement_id) AS statement,
  nullif(t.server, 0) AS server_id
FROM told AS t WHERE NOT t.tells
ORDER BY t.age_ns DESC, t.pid LIMIT 50
