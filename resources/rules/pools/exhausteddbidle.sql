-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-exhausted-db-idle"
version = 1
title = "Callers wait for connections while the database rests"
headline = "{pool}: {waiting} wait up to {wait_ms} while the database is at {cpu_pct}"
severity = "critical"
needs = ["pool"]
uses = ["sessions", "host", "traces"]
rung = 3
summary = "All {limit_value} connections of {pool} are taken and {waiting} requests wait, up to {wait_ms}, for {minutes} minutes, while the processors of the database are at {cpu_pct}. {who} {longest}{held}"
cause = "A slow statement, a transaction around a remote call, a leak, or a pool below the demand."
checks = [
  "The longest running statements: SELECT pid, now() - query_start AS duration, state, wait_event_type, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY duration DESC LIMIT 10;",
  "Sessions that are idle in a transaction.",
  "Three numbers side by side: in use by the pool, at work in the server, processors.",
  "Demand = rate x time held.",
  "Which job began in the minute of the onset?",
]
fix = """
1. End or mend the holder, then statement_timeout (5 s for short transactions, 30 s for reports).
2. Give a job a pool of its own, 3 to 5 connections.
3. Hold connections for a shorter time.
4. Only if all pools together and the cores allow it: 2 to 3 times the demand.
5. A multiplexer before the server.
6. An acquire limit of 2 s."""
proof = "Nobody waits, the wait is below 1 ms, the P99 is back, the processors stay below 70 %."
risk = "More load on the database; undo when its processors pass 70 %, when the wait P95 stays above 100 ms for two minutes, or when more wait than the pool has."
refuse = "An index for a query of 12 ms; 'the database is slow'; more instances; a larger max_connections."
quiet = "Processors of the database above 70 %, or unknown; a queue that lasts less than a minute, as in a deploy."
related = ["pool-saturation", "pool-idle-in-transaction", "pool-leak", "pool-demand-exceeds-size"]

[thresholds]
t = { value = 60, unit = "s", source = "set here" }
cpu = { value = 0.3, unit = "share", source = "set here; cases in reports had 12 to 14 %" }
*/
WITH longest AS (
  SELECT s.ts_ns, (s.ts_ns - s.query_start_ns) / 1e6 AS ms, s.pid, s.application, s.statement_id
  FROM session_sample AS s
  WHERE s.state = 'active' AND s.query_start_ns IS NOT NULL AND coalesce(s.backend_type, 'client backend') = 'client backend'
  ORDER BY ms DESC LIMIT 1
)
SELECT 'critical' AS severity, 'pool' AS subject_kind, v.pool AS subject_id, coalesce(v.pinned_ns, v.start_ns) AS start_ns,
  v.end_ns, max(coalesce(v.wait_p99_ms, 0), coalesce(v.reached_wait_ms, 0)) AS gain_ms,
  v.pool, v.ceiling_value AS limit_value, v.waiting_max AS waiting,
  max(coalesce(v.wait_p99_ms, 0), coalesce(v.reached_wait_ms, 0)) AS wait_ms, round(v.saturated_s / 60, 1) AS minutes,
  100 * v.server_cpu AS cpu_pct,
  CASE WHEN v.cause IN ('held', 'leak') AND v.server_active IS NOT NULL THEN 'The server works for only ' || printf('%.0f', v.server_active) || ' of them: '
      || CASE v.cause WHEN 'leak' THEN 'connections are taken and not returned.' ELSE 'they are held without work.' END
    WHEN v.cause = 'demand' THEN 'The demand is ' || printf('%.0f', v.demand) || ' connections (' || printf('%,d', round(v.arrival_rate)) || '/s held for '
      || human_ms(v.service_ms) || ').'
    WHEN v.server_active IS NOT NULL THEN 'The server works for ' || printf('%.0f', v.server_active) || ' of them: long statements, not many.'
    ELSE 'How many of them the server works for is unknown.' END AS who,
  coalesce((SELECT 'One statement runs for ' || human_ms(l.ms) || coalesce(' (' || l.application || ')', '')
    || CASE WHEN v.usual_service_ms > 0 THEN ', in which ' || printf('%,d', round(l.ms / v.usual_service_ms)) || ' of the usual ones (' || human_ms(v.usual_service_ms)
    || ') would have had their turn' ELSE '' END || ': find it first. ' FROM longest AS l WHERE l.ms >= 1000 AND l.ms >= 10 * coalesce(v.usual_service_ms, 0)), '') AS longest,
  (SELECT round(l.ms / v.usual_service_ms) FROM longest AS l) AS displaced, (SELECT l.ms FROM longest AS l) AS longest_ms,
  (SELECT substr(coalesce(st.normalized, st.text), 1, 300) FROM longest AS l JOIN statement AS st ON st.id = l.statement_id) AS statement,
  CASE WHEN v.cause IN ('held', 'leak') THEN 'The queries are healthy; the connections are held.' ELSE '' END AS held,
  v.cause, v.server_active, v.service_ms, v.server
FROM pool_verdict AS v
WHERE v.kind = 'connection' AND v.instance IS NULL AND v.saturated_s >= :t AND v.server_cpu < :cpu
  AND v.verdict IN ('exhausted', 'saturated') AND v.cause NOT IN ('cheap_queue', 'database_busy', 'too_large')
ORDER BY gain_ms DESC, v.pool LIMIT 50
