-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-connection-churn"
version = 1
title = "Connections are opened all the time"
headline = "{per_min} new connections a minute that live {median_ms}"
severity = "warning"
needs = ["log"]
rung = 5
summary = "{n} connections were opened in {span_minutes} minutes ({per_min} a minute); half of those that ended lived less than {median_ms}. Each costs 50 to 100 ms of work and a process of the server{top_text}."
cause = "A connection per request, a pool that is too small, or connections that something on the way drops."
checks = [
  "Is there a pool at all?",
  "Is its limit for idle connections shorter than the pause between two calls?",
  "Does the network drop idle connections?",
]
fix = """
1. A pool, made once when the program starts.
2. A minimum of idle connections.
3. A pooler near the server."""
proof = "Hardly any new connection; 10 to 20 % less processor time of the database in a known case."
risk = "Idle connections."
refuse = "Raising max_connections."
quiet = "Fewer than 60 a minute, connections that live for 60 s and more, start, deployment and failover (less than 5 minutes)."
related = ["trace-connection-setup"]

[thresholds]
rate = { value = 60, unit = "connections/min", source = "set here: one a second" }
age = { value = 60000, unit = "ms", source = "set here" }
window = { value = 5, unit = "min", source = "set here" }
*/
WITH lines AS (
  SELECT e.source_id, e.server_id, e.ts_ns, e.user, e.id, e.message LIKE 'connection authorized%' AS opened,
    CASE WHEN e.message LIKE 'disconnection:%' THEN coalesce(e.duration_ms,
      -- "disconnection: session time: 0:00:12.345 user=..."
      (CAST(substr(e.rest, 1, instr(e.rest, ':') - 1) AS INTEGER) * 3600
        + CAST(substr(e.rest, instr(e.rest, ':') + 1, 2) AS INTEGER) * 60
        + CAST(substr(e.rest, instr(e.rest, ':') + 4, 6) AS REAL)) * 1000) END AS lived_ms
  FROM (SELECT *, substr(message, instr(message, 'session time: ') + 14) AS rest FROM log_entry
    WHERE kind = 'connection' AND ts_ns IS NOT NULL) AS e
), spans AS (
  SELECT l.source_id, l.server_id, sum(l.opened) AS n, (max(l.ts_ns) - min(l.ts_ns)) / 60e9 AS minutes,
    min(l.ts_ns) AS first_ns, max(l.ts_ns) AS last_ns, count(l.lived_ms) AS ended, min(l.id) AS log_id
  FROM lines AS l GROUP BY l.source_id
), median AS (
  SELECT o.source_id, max(o.lived_ms) AS lived_ms FROM (SELECT l.source_id, l.lived_ms,
      row_number() OVER (PARTITION BY l.source_id ORDER BY l.lived_ms) AS place,
      count(*) OVER (PARTITION BY l.source_id) AS ended FROM lines AS l WHERE l.lived_ms IS NOT NULL) AS o
  WHERE o.place <= (o.ended + 1) / 2 GROUP BY o.source_id
)
SELECT 'warning' AS severity, 'server' AS subject_kind, coalesce(s.server_id, 'log') AS subject_id, s.first_ns AS start_ns,
  s.last_ns AS end_ns, NULL AS gain_ms, s.n, s.minutes AS span_minutes, s.n / s.minutes AS per_min,
  m.lived_ms AS median_ms, s.ended,
  coalesce((SELECT ', most of them for ' || l.user FROM lines AS l WHERE l.source_id = s.source_id AND l.opened
    AND l.user IS NOT NULL GROUP BY l.user ORDER BY count(*) DESC, l.user LIMIT 1), '') AS top_text, s.log_id
FROM spans AS s JOIN median AS m ON m.source_id = s.source_id
WHERE s.minutes >= :window AND s.n >= :rate * s.minutes AND m.lived_ms < :age
ORDER BY s.n DESC
