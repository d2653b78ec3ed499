-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-sync-standby-missing"
version = 1
title = "Writes hang: the synchronous standby is gone"
headline = "{waiting} commits wait for {missing}"
severity = "critical"
needs = ["settings", "sessions"]
uses = ["repl"]
rung = 5
summary = "{waiting} sessions wait in SyncRep, the oldest for {waited_ms}. synchronous_standby_names is {names} and no standby of these has a row: {missing}. It will not resume by itself; there is no automatic fallback."
cause = "Only absent standbys qualify."
checks = [
  "The names required against the rows of pg_stat_replication: a missing standby has no row.",
  "The standby's host.",
  "What may be lost by policy?",
]
fix = """
1. Bring the standby back.
2. A second standby and ANY 1 (...).
3. With the consent of the owner of the data: ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();"""
proof = "No session waits in SyncRep."
risk = "Writes without a standby can be lost."
refuse = "Waiting for wal_sender_timeout: it frees nobody. The lock tree: nobody holds a lock."
quiet = "Short waits while a standby restarts; a named standby that streams."
related = ["repl-sync-commit-cost"]

[thresholds]
t = { value = 5, unit = "s", source = "set here" }
*/
WITH RECURSIVE waits AS (
  SELECT a.server_id, a.ts_ns, count(*) AS n, max(a.ts_ns - coalesce(a.state_change_ns, a.query_start_ns, a.ts_ns)) / 1e6 AS waited_ms
  FROM session_sample AS a WHERE a.wait_event = 'SyncRep' GROUP BY a.server_id, a.ts_ns
), worst AS (
  SELECT w.server_id, max(w.n) AS n, min(w.ts_ns) AS first_ns, max(w.ts_ns) AS last_ns, max(w.waited_ms) AS waited_ms
  FROM waits AS w GROUP BY w.server_id
), names AS (
  SELECT t.setting FROM setting AS t WHERE t.name = 'synchronous_standby_names' AND coalesce(t.setting, '') <> '' ORDER BY t.ts_ns DESC LIMIT 1
), parts AS (
  SELECT n.setting AS names, trim(replace(replace(CASE WHEN instr(n.setting, '(') > 0
    THEN substr(n.setting, instr(n.setting, '(') + 1) ELSE n.setting END, ')', ''), '"', '')) || ',' AS rest FROM names AS n
), each (names, name, rest) AS (
  SELECT p.names, trim(substr(p.rest, 1, instr(p.rest, ',') - 1)), substr(p.rest, instr(p.rest, ',') + 1) FROM parts AS p
  UNION ALL
  SELECT e.names, trim(substr(e.rest, 1, instr(e.rest, ',') - 1)), substr(e.rest, instr(e.rest, ',') + 1) FROM each AS e WHERE instr(e.rest, ',') > 0
), missing AS (
  SELECT e.names, group_concat(e.name, ', ') AS missing, count(*) AS n FROM each AS e WHERE e.name <> '' AND e.name <> '*'
    AND NOT EXISTS (SELECT 1 FROM replica_sample AS r, worst AS w WHERE lower(r.replica) = lower(e.name)
      AND r.ts_ns BETWEEN w.first_ns - 60000000000 AND w.last_ns) GROUP BY e.names
)
SELECT 'critical' AS severity, 'server' AS subject_kind, coalesce(w.server_id, 0) AS subject_id, w.first_ns AS start_ns,
  w.last_ns AS end_ns, NULL AS gain_ms, w.n AS waiting, w.waited_ms, m.names, m.missing, w.server_id
FROM worst AS w JOIN missing AS m
WHERE w.last_ns - w.first_ns >= :t * 1000000000 OR w.waited_ms >= :t * 1000
LIMIT 10
