-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "lock-blocking-chain"
version = 1
title = "Sessions wait behind one session"
headline = "{at_once} sessions at once wait behind process {pid}, up to {wait_ms}"
severity = "critical"
needs = ["locks"]
uses = ["sessions", "log"]
rung = 5
summary = "{n} sessions waited behind process {pid} ({root_text}), {at_once} at the same time, {direct} of them directly, for up to {wait_ms}: {what}. Everything behind it is a symptom."
cause = "A long transaction holds the lock of a row or a table."
checks = [
  "Is the first of the chain idle in a transaction, or at work?",
  "What kind of lock: a row, a table, an advisory one?",
  "Is a change of the schema among those that wait?",
  "Which statement and application is the first?",
]
fix = """
1. Finish or end the first: SELECT pg_cancel_backend({pid}); then SELECT pg_terminate_backend({pid});
2. Shorten its transaction.
3. SET lock_timeout = '5s' for those that can try again.
4. The same order of rows everywhere."""
proof = "Time waited per minute; no chain older than the limit."
risk = "The transaction that is ended rolls back."
refuse = "A restart of the server, or longer timeouts."
quiet = "Waits of less than a second; holders of other locks on the same table, who block nobody."
related = ["deadlock-opposite-order"]

[thresholds]
w = { value = 1000, unit = "ms", source = "deadlock_timeout" }
c = { value = 30000, unit = "ms", source = "set here" }
n = { value = 10, unit = "sessions", source = "set here" }
*/
WITH RECURSIVE edges AS MATERIALIZED (
  SELECT coalesce(e.server_id, 0) AS server, e.blocked_pid, e.blocker_pid, min(e.ts_ns - coalesce(e.waited_ms, 0) * 1000000) AS since_ns,
    max(e.ts_ns) AS ts_ns, max(e.waited_ms) AS waited_ms, max(e.relation) AS relation, max(e.mode) AS mode,
    max(e.lock_type) AS lock_type
  FROM lock_edge AS e WHERE e.blocked_pid IS NOT NULL AND e.blocker_pid IS NOT NULL AND e.blocked_pid <> e.blocker_pid
  -- Repeated reports of one wait; process numbers come back after hours.
  GROUP BY server, e.blocked_pid, e.blocker_pid, (e.ts_ns - coalesce(e.waited_ms, 0) * 1000000) / 600000000000
), roots AS (
  SELECT DISTINCT e.server, e.blocker_pid AS pid FROM edges AS e
  WHERE NOT EXISTS (SELECT 1 FROM edges AS o WHERE o.server = e.server AND o.blocked_pid = e.blocker_pid
    AND o.since_ns <= e.ts_ns AND o.ts_ns >= e.since_ns)
), chain (server, root, pid, depth, since_ns, ts_ns) AS (
  SELECT e.server, e.blocker_pid, e.blocked_pid, 1, e.since_ns, e.ts_ns
  FROM edges AS e JOIN roots AS r ON r.server = e.server AND r.pid = e.blocker_pid
  UNION
  SELECT c.server, c.root, e.blocked_pid, c.depth + 1, e.since_ns, e.ts_ns
  FROM chain AS c JOIN edges AS e ON e.server = c.server AND e.blocker_pid = c.pid
    AND e.since_ns <= c.ts_ns AND e.ts_ns >= c.since_ns
  WHERE c.depth < 20
), summed AS (
  SELECT c.server, c.root, count(DISTINCT c.pid) AS n, count(DISTINCT CASE c.depth WHEN 1 THEN c.pid END) AS direct,
    max(c.depth) AS depth, min(c.since_ns) AS since_ns, max(c.ts_ns) AS ts_ns
  FROM chain AS c GROUP BY c.server, c.root
), steps AS (
  SELECT c.server, c.root, c.since_ns AS at_ns, 1 AS step FROM chain AS c GROUP BY c.server, c.root, c.pid, c.since_ns
  UNION ALL
  SELECT c.server, c.root, max(c.ts_ns), -1 FROM chain AS c GROUP BY c.server, c.root, c.pid, c.since_ns
), running AS (
  SELECT t.server, t.root, sum(t.step) OVER (PARTITION BY t.server, t.root ORDER BY t.at_ns, t.step DESC) AS waiting
  FROM steps AS t
), told AS (
  SELECT s.*, (SELECT max(r.waiting) FROM running AS r WHERE r.server = s.server AND r.root = s.root) AS at_once,
    (SELECT max(e.waited_ms) FROM edges AS e JOIN chain AS c ON c.server = e.server AND c.pid = e.blocked_pid
      WHERE c.server = s.server AND c.root = s.root AND e.ts_ns BETWEEN s.since_ns AND s.ts_ns) AS wait_ms,
    (SELECT coalesce(e.mode, 'a lock') || coalesce(' on ' || e.relation, ' on a ' || e.lock_type, '') FROM edges AS e
      WHERE e.server = s.server AND e.blocker_pid = s.root ORDER BY e.waited_ms DESC LIMIT 1) AS what,
    (SELECT coalesce(a.state, 'state unknown') || coalesce(', ' || a.application, '') FROM session_sample AS a
      WHERE coalesce(a.server_id, 0) = s.server AND a.pid = s.root AND a.ts_ns BETWEEN s.since_ns AND s.ts_ns
      ORDER BY a.ts_ns DESC LIMIT 1) AS root_text
  FROM summed AS s
)
SELECT CASE WHEN t.at_once >= :n OR t.wait_ms >= :c THEN 'critical' ELSE 'warning' END AS severity,
  'session' AS subject_kind, t.root AS subject_id, t.since_ns AS start_ns, t.ts_ns AS end_ns, NULL AS gain_ms,
  t.root AS pid, t.n, t.at_once, t.direct, t.depth, t.wait_ms, t.what,
  coalesce(t.root_text, 'what it did is not in the log') AS root_text, nullif(t.server, 0) AS server_id
FROM told AS t WHERE t.wait_ms >= :w
ORDER BY t.n DESC, t.wait_ms DESC, t.root LIMIT 100
