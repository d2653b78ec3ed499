-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "lock-ddl-queue"
version = 1
title = "A schema change blocks a table"
headline = "{waiters} sessions wait on {relation} behind the schema change of process {pid}"
severity = "critical"
needs = ["locks"]
uses = ["sessions", "ddl"]
rung = 5
summary = "Process {pid} {asks} {mode} on {relation}{root_text}, and {waiters} others wait for it, up to {wait_ms}. A lock that is only waited for stops everybody who comes later, readers too."
cause = "A schema change behind a long transaction, an index built without CONCURRENTLY, or an ALTER that writes the table anew."
checks = [
  "Which process is the first: the schema change, or an older transaction before it?",
  "Does the change write the whole table?",
  "How far is it (pg_stat_progress_create_index)?",
]
fix = """
1. Cancel the change: SELECT pg_cancel_backend({pid});
2. End the long transaction, then again with SET lock_timeout = '2s'; and retries.
3. The form that needs no strong lock: CREATE INDEX CONCURRENTLY, NOT VALID and VALIDATE in two steps."""
proof = "Nobody waits for the table; no more errors of time limits."
risk = "The migration is late."
refuse = "Waiting for it to pass, or restarting the applications: their sessions queue again."
quiet = "Fewer waiters than that who wait for less than that; locks of rows."
related = ["mig-no-lock-timeout", "mig-index-blocking", "mig-type-change", "lock-blocking-chain"]

[thresholds]
q = { value = 5, unit = "sessions", source = "set here" }
t = { value = 5000, unit = "ms", source = "set here" }
*/
WITH strong AS (
  -- Asked for: then the pid waits itself. Held: seen at those who wait for it.
  SELECT DISTINCT coalesce(e.server_id, 0) AS server, e.blocked_pid AS pid, e.relation, e.mode, 1 AS is_waiting
  FROM lock_edge AS e WHERE e.lock_type = 'relation' AND e.relation IS NOT NULL
    AND e.mode IN ('AccessExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
  UNION
  SELECT DISTINCT coalesce(e.server_id, 0), e.blocker_pid, e.relation, e.granted_mode, 0
  FROM lock_edge AS e WHERE e.lock_type = 'relation' AND e.relation IS NOT NULL
    AND e.granted_mode IN ('AccessExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
), behind AS (
  SELECT s.server, s.pid, s.relation, max(s.mode) AS mode, max(s.is_waiting) AS is_waiting, e.ts_ns,
    count(DISTINCT e.blocked_pid) AS waiters, max(coalesce(e.waited_ms, 0)) AS waited_ms
  FROM strong AS s JOIN lock_edge AS e ON coalesce(e.server_id, 0) = s.server AND e.blocker_pid = s.pid
    AND e.relation = s.relation AND e.lock_type = 'relation'
  GROUP BY s.server, s.pid, s.relation, e.ts_ns
), told AS (
  SELECT b.server, b.pid, b.relation, max(b.mode) AS mode, max(b.is_waiting) AS is_waiting, max(b.waiters) AS waiters,
    max(max(b.waited_ms), (max(b.ts_ns) - min(b.ts_ns)) / 1e6) AS wait_ms, min(b.ts_ns) AS first_ns, max(b.ts_ns) AS last_ns
  FROM behind AS b GROUP BY b.server, b.pid, b.relation
), rooted AS (
  SELECT t.*, (SELECT e.blocker_pid FROM lock_edge AS e WHERE coalesce(e.server_id, 0) = t.server AND e.blocked_pid = t.pid
    AND e.relation = t.relation ORDER BY e.ts_ns DESC LIMIT 1) AS root_pid
  FROM told AS t WHERE t.waiters >= :q OR t.wait_ms >= :t
)
SELECT 'critical' AS severity, 'session' AS subject_kind, r.pid AS subject_id, r.first_ns - CAST(r.wait_ms * 1e6 AS INTEGER) AS start_ns,
  r.last_ns AS end_ns, NULL AS gain_ms, r.pid, r.relation, r.mode, r.waiters, r.wait_ms,
  CASE r.is_waiting WHEN 1 THEN 'waits for' ELSE 'holds' END AS asks, r.root_pid,
  coalesce(' behind process ' || r.root_pid || coalesce(' (' || (SELECT coalesce(a.state, '') || coalesce(', ' || nullif(a.application, ''), '')
    FROM session_sample AS a WHERE coalesce(a.server_id, 0) = r.server AND a.pid = r.root_pid AND a.ts_ns <= r.last_ns
    ORDER BY a.ts_ns DESC LIMIT 1) || ')', ''), '') AS root_text, nullif(r.server, 0) AS server_id
FROM rooted AS r
ORDER BY r.waiters DESC, r.wait_ms DESC, r.pid LIMIT 50
