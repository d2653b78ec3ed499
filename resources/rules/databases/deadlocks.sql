-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "db-deadlocks"
version = 1
title = "The server counted deadlocks"
headline = "{n} deadlocks in {who}"
severity = "warning"
needs = ["series"]
uses = ["log", "locks"]
rung = 2
summary = "{who} counted {n} deadlocks, {worst} of them in one hour. The counter does not tell who: the server's log does."
cause = "Transactions that lock the same rows in another order."
checks = [
  "Read the server's log into this workspace: it names statements and rows of each deadlock.",
  "Is log_lock_waits on?",
]
fix = """
1. Import the log; the rules about deadlocks name the statements.
2. Lock rows in one order everywhere (ORDER BY the key)."""
proof = "The counter stands still."
risk = "-"
refuse = "A longer deadlock_timeout: it only waits longer before it looks."
quiet = "No deadlock since the record began; deadlocks whose log is here."
related = ["deadlock-opposite-order", "deadlock-rate", "deadlock-parent-child"]

[thresholds]
n = { value = 1, unit = "deadlocks", source = "set here" }
c = { value = 10, unit = "deadlocks in an hour", source = "set here" }
*/
WITH steps AS (
  SELECT s.id, s.source_id, s.instance, json_extract(s.labels, '$.database') AS database, s.metric, p.ts_ns, p.value,
    lag(p.value) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS before
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id
  WHERE s.metric IN ('postgresql.deadlocks')
), hours AS (
  -- A counter below its last value began anew.
  SELECT t.source_id, t.instance, t.database, t.ts_ns / 3600000000000 AS hour, min(t.ts_ns) AS first_ns, max(t.ts_ns) AS last_ns,
    sum(CASE WHEN t.metric = 'postgresql.deadlocks' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS deadlocks
  FROM steps AS t WHERE t.before IS NOT NULL GROUP BY t.source_id, t.instance, t.database, hour
)
SELECT CASE WHEN max(h.deadlocks) >= :c THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  coalesce(h.instance, 'server') AS subject_id, min(h.first_ns) AS start_ns, max(h.last_ns) AS end_ns, NULL AS gain_ms,
  coalesce(h.database, h.instance, 'the server') AS who, CAST(sum(h.deadlocks) AS INTEGER) AS n, CAST(max(h.deadlocks) AS INTEGER) AS worst
FROM hours AS h WHERE h.deadlocks > 0 AND NOT EXISTS (SELECT 1 FROM log_entry AS l WHERE l.kind = 'deadlock')
GROUP BY h.source_id, h.instance, h.database HAVING sum(h.deadlocks) >= :n
ORDER BY n DESC LIMIT 50
