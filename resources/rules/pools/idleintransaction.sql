-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-idle-in-transaction"
version = 1
title = "Sessions sit idle inside a transaction"
headline = "{n} sessions idle in a transaction, the oldest for {oldest_ms}"
severity = "warning"
needs = ["sessions"]
uses = ["locks", "traces"]
rung = 2
summary = "{n} sessions keep a connection, their locks and their snapshot while nothing runs, the oldest for {oldest_ms} ({who}); {blocked} others wait for their locks. The age counts from the change of state, not from the start of the query."
cause = "A transaction around a remote call, a forgotten commit, a console."
checks = [
  "Application and last statement.",
  "Sessions that wait behind it.",
  "Traces with a call to another service inside a transaction.",
]
fix = """
1. Move the call out of the transaction.
2. ALTER ROLE <role> SET idle_in_transaction_session_timeout = '30s';
3. End one by hand when it blocks others: SELECT pg_terminate_backend({pid});"""
proof = "None is older than 30 s."
risk = "Transactions that are ended show as errors; undo when the errors of the role pass 0.1 %."
refuse = "A larger pool."
quiet = "Ages of 30 s and less; sessions of this program."
related = ["trace-external-call-in-transaction", "pool-exhausted-db-idle", "pool-leak"]

[thresholds]
w = { value = 30, unit = "s", source = "common guideline" }
c = { value = 300, unit = "s", source = "set here" }
*/
WITH held AS (
  SELECT coalesce(s.server_id, 0) AS server_id, s.pid, s.state_change_ns, max(s.ts_ns) AS ts_ns, max(s.ts_ns) - s.state_change_ns AS age_ns,
    max(s.application) AS application, max(s.user) AS user, max(s.statement_id) AS statement_id
  FROM session_sample AS s
  WHERE s.state LIKE 'idle in transaction%' AND s.ts_ns - s.state_change_ns > :w * 1000000000
    AND coalesce(s.application, '') NOT LIKE 'tailscope%'
  GROUP BY server_id, s.pid, s.state_change_ns
), ranked AS (
  SELECT h.*, row_number() OVER (PARTITION BY h.server_id ORDER BY h.age_ns DESC, h.pid) AS place,
    (SELECT count(DISTINCT l.blocked_pid) FROM lock_edge AS l WHERE l.blocker_pid = h.pid AND coalesce(l.server_id, 0) = h.server_id
      AND l.ts_ns BETWEEN h.state_change_ns AND h.ts_ns) AS blocked
  FROM held AS h
), summed AS (
  SELECT r.server_id, count(*) AS n, max(r.age_ns) AS oldest_ns, sum(r.blocked) AS blocked, min(r.state_change_ns) AS start_ns,
    max(r.ts_ns) AS end_ns, group_concat(r.pid, ', ') AS pids FROM ranked AS r GROUP BY r.server_id
)
SELECT CASE WHEN m.oldest_ns >= :c * 1000000000 OR m.blocked > 0 THEN 'critical' ELSE 'warning' END AS severity,
  'server' AS subject_kind, m.server_id AS subject_id, m.start_ns, m.end_ns, NULL AS gain_ms,
  m.n, m.oldest_ns / 1e6 AS oldest_ms, m.blocked, r.pid,
  coalesce(r.application, r.user, 'process ' || r.pid) || coalesce(': ' || (SELECT substr(coalesce(st.normalized, st.text), 1, 200)
    FROM statement AS st WHERE st.id = r.statement_id), '') AS who, m.pids
FROM summed AS m JOIN ranked AS r ON r.server_id = m.server_id AND r.place = 1
ORDER BY m.oldest_ns DESC LIMIT 50
