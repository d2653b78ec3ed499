-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "conn-near-limit"
version = 1
title = "Connections near the limit of the server"
headline = "{used} of {usable} connections in use"
severity = "warning"
needs = ["series", "settings"]
uses = ["sessions", "pool"]
rung = 6
summary = "At most {used} of the {usable} connections that ordinary roles may open were in use at once (max_connections {max_connections}, less those reserved). Past the last one the server answers \"too many clients already\"."
cause = "Pools that are larger together than the server, sessions that are not closed, or transactions that take longer than usual."
checks = [
  "Which applications hold them (Sessions, grouped by application)?",
  "Active, idle, or idle in a transaction?",
  "Did something get slower just before?",
]
fix = """
1. Smaller pools: the sum over all instances below the limit.
2. A pooler in transaction mode in front.
3. ALTER ROLE <role> CONNECTION LIMIT <n>; for roles that take more than their part."""
proof = "In use stays below 80 % at the peak of the day."
risk = "Pools that are too small let requests wait in the application."
refuse = "A larger max_connections: memory and snapshots cost with every session."
quiet = "Less than 80 % in use."
related = ["pool-fleet-overcommit", "pool-mostly-idle", "pool-leak"]

[thresholds]
w = { value = 0.8, unit = "share", source = "common guideline" }
c = { value = 0.95, unit = "share", source = "set here" }
*/
WITH steps AS (
  SELECT s.source_id, s.instance, p.ts_ns, p.value - lag(p.value, 1, 0) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS step
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id WHERE s.metric = 'postgresql.backends'
), sums AS (
  -- A recording has a database's row only when it changed: until then the one before holds.
  SELECT t.source_id, t.instance, t.ts_ns, sum(t.step) OVER (PARTITION BY t.source_id, t.instance ORDER BY t.ts_ns) AS used
  FROM steps AS t
), peak AS (
  SELECT source_id, instance, max(used) AS used, ts_ns FROM sums GROUP BY source_id, instance
), limits AS (
  SELECT v.id AS server_id, v.source_id, coalesce(v.host || coalesce(':' || v.port, ''), '') AS instance,
    (SELECT CAST(s.setting AS INTEGER) FROM setting AS s WHERE s.server_id = v.id AND s.name = 'max_connections'
      ORDER BY s.ts_ns DESC LIMIT 1) AS max_connections,
    coalesce((SELECT CAST(s.setting AS INTEGER) FROM setting AS s WHERE s.server_id = v.id
      AND s.name = 'superuser_reserved_connections' ORDER BY s.ts_ns DESC LIMIT 1), 0)
    + coalesce((SELECT CAST(s.setting AS INTEGER) FROM setting AS s WHERE s.server_id = v.id
      AND s.name = 'reserved_connections' ORDER BY s.ts_ns DESC LIMIT 1), 0) AS reserved
  FROM server AS v WHERE v.kind = 'postgresql'
), judged AS (
  SELECT k.*, l.server_id, l.max_connections, l.max_connections - l.reserved AS usable
  FROM peak AS k JOIN limits AS l ON l.source_id = k.source_id AND l.instance = coalesce(k.instance, '')
  WHERE l.max_connections > l.reserved
)
SELECT CASE WHEN j.used >= :c * j.usable THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  j.server_id AS subject_id, j.ts_ns AS start_ns, j.ts_ns AS end_ns, NULL AS gain_ms,
  CAST(j.used AS INTEGER) AS used, j.usable, j.max_connections, j.used / j.usable AS share
FROM judged AS j WHERE j.used >= :w * j.usable
GROUP BY j.server_id ORDER BY share DESC LIMIT 50
