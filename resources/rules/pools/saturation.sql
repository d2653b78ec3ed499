-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-saturation"
version = 1
title = "A pool is near or at its limit"
headline = "{pool}: {used} of {limit_value} in use ({ceiling}), waits up to {wait_ms}"
severity = "critical"
needs = ["pool"]
uses = ["markers"]
rung = 2
summary = "{used} of {limit_value} are in use ({ceiling}), for {above_minutes} minutes without a break above 70 %; {waiting} requests wait, up to {wait_ms}{timed_out}. {marks}{why} Large pools show no rise before the cliff: the level counts before users notice."
cause = "Demand close to what it can serve, or members held too long."
checks = [
  "Is what is behind it busy or idle? That decides where to go on.",
  "Does the use follow the load (size) or not (leak)?",
  "All pools together against max_connections.",
  "Every instance on its own.",
]
fix = """
1. What the finding on its cause says: demand, slow statements, held connections, a busy database.
2. An alert at 70 % of {limit_value}: it would have told earlier than the waits."""
proof = "Use below 70 %, P99 of the wait below 50 ms (healthy: below 1 ms)."
risk = "None: nothing is changed."
refuse = "A larger pool because it is full: with a busy database it adds contention, with a leak it only delays, with a full fleet it breaks others."
quiet = "A queue that is passed within 50 ms: waiting in the application is cheaper than in the server; bursts below a minute."
related = ["pool-exhausted-db-idle", "pool-exhausted-db-busy", "pool-leak", "pool-fleet-overcommit", "pool-demand-exceeds-size"]

[thresholds]
u_w = { value = 0.7, unit = "share", source = "common guideline" }
u_c = { value = 0.9, unit = "share", source = "common guideline; others say 0.95" }
t = { value = 60, unit = "s", source = "set here" }
w_slo = { value = 50, unit = "ms", source = "common guideline" }
w_w = { value = 200, unit = "ms", source = "common guideline: for a minute" }
w_c = { value = 500, unit = "ms", source = "common guideline" }
*/
WITH told AS (
  SELECT v.*, max(coalesce(v.wait_p99_ms, 0), coalesce(v.reached_wait_ms, 0)) AS worst_ms,
    v.wait_p99_ms IS NULL AND v.reached_wait_ms IS NULL AS no_wait,
    (SELECT min(e.ts_ns) FROM event AS e WHERE e.kind = 'alert' AND e.ts_ns >= v.busy70_ns AND e.ts_ns <= v.end_ns) AS alert_ns,
    (SELECT c.value FROM pool_ceiling AS c WHERE c.pool = v.pool AND c.kind = v.kind AND c.instance IS v.instance
      AND c.what = 'wait') AS wait_ceiling_ms
  FROM pool_verdict AS v
  WHERE v.instance IS NULL OR NOT EXISTS (SELECT 1 FROM pool_verdict AS o WHERE o.pool = v.pool AND o.kind = v.kind
    AND o.instance IS NULL AND o.verdict IN ('near_limit', 'saturated', 'exhausted'))
)
SELECT CASE WHEN t.worst_ms >= :w_c AND t.saturated_s > 0 THEN 'critical'
    WHEN t.utilisation_max >= :u_c AND t.above90_s >= :t AND (t.no_wait OR t.worst_ms >= :w_slo) THEN 'critical'
    WHEN t.utilisation_max >= :u_w AND t.above70_s >= :t THEN 'warning'
    WHEN t.worst_ms >= :w_w AND t.slow_wait_s >= :t THEN 'warning' ELSE 'info' END AS severity,
  'pool' AS subject_kind, t.pool AS subject_id, coalesce(t.busy70_ns, t.start_ns) AS start_ns, t.end_ns,
  nullif(t.worst_ms, 0) AS gain_ms,
  t.pool || coalesce(' (' || t.instance || ')', '') AS pool, round(t.utilisation_max * t.ceiling_value, 1) AS used,
  t.ceiling_value AS limit_value, coalesce(t.ceiling, 'limit unknown') AS ceiling, round(t.above70_s / 60, 1) AS above_minutes,
  t.waiting_max AS waiting, CASE WHEN t.no_wait THEN NULL ELSE t.worst_ms END AS wait_ms,
  CASE WHEN t.timeouts > 0 THEN '; ' || CASE WHEN t.timeout_share IS NULL THEN printf('%,d', round(t.timeouts)) || ' timed out' ELSE printf('%.1f', 100 * t.timeout_share) || ' % of those that arrive time out' END
    || CASE WHEN t.wait_ceiling_ms IS NULL THEN '' ELSE ' at ' || human_ms(t.wait_ceiling_ms) || ' (acquire time-out)' END ELSE '' END AS timed_out,
  coalesce('70 % were reached at ' || strftime('%H:%M:%S', t.busy70_ns / 1000000000, 'unixepoch') || ' UTC'
    || CASE WHEN t.alert_ns IS NULL THEN '' ELSE ', ' || printf('%.1f', (t.alert_ns - t.busy70_ns) / 1e9) || ' s before the first alert' END
    || coalesce(', the ceiling at ' || strftime('%H:%M:%S', t.pinned_ns / 1000000000, 'unixepoch') || ' UTC', '') || '. ', '') AS marks,
  CASE t.cause WHEN 'demand' THEN 'More arrives than it can serve.' WHEN 'held' THEN 'The members are held without work behind them.'
    WHEN 'leak' THEN 'The number in use never falls back: some are not returned.'
    WHEN 'slow_statements' THEN 'What is behind it works on long statements.'
    WHEN 'database_busy' THEN 'The database is the bottleneck.' WHEN 'too_large' THEN 'More is at work than the server can run.'
    WHEN 'cheap_queue' THEN 'The queue is short and cheap.' ELSE 'Why is unknown without figures of the server.' END AS why,
  round((t.alert_ns - t.busy70_ns) / 1e9, 1) AS seconds_before_alert, t.saturated_s, t.slow_wait_s, t.cause, t.verdict,
  t.wait_p99_ms, 100 * t.utilisation_max AS utilisation_pct, 100 * t.timeout_share AS timeout_pct, t.instances, t.server
FROM told AS t
WHERE (t.utilisation_max >= :u_w AND t.above70_s >= :t OR t.worst_ms >= :w_c AND t.saturated_s > 0
    OR t.worst_ms >= :w_w AND t.slow_wait_s >= :t OR t.worst_ms >= :w_slo AND t.saturated_s >= :t)
  AND NOT (t.waiting_max > 0 AND NOT t.no_wait AND t.worst_ms < :w_slo)
ORDER BY t.worst_ms DESC, t.pool, t.instance LIMIT 50
