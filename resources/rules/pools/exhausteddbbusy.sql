-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-exhausted-db-busy"
version = 1
title = "Callers wait and the database is the bottleneck"
headline = "{pool}: {waiting} wait and the database is busy ({load}): {headline_advice}"
severity = "critical"
needs = ["pool"]
uses = ["host", "sessions"]
rung = 3
summary = "All {limit_value} of {pool} are in use and {waiting} requests wait ({wait_ms} at most) while the database is busy: {load}. {advice} More connections would make each query slower: 100 at a time on 4 cores get 4 % of a core each, 10 get 40 % and finish sooner."
cause = "Too much work a request, or too much at once."
checks = [
  "Which statements take most of the time?",
  "Sessions that are ready to run against cores.",
  "Waits for locks: then the processors are idle.",
]
fix = """
1. Shorten or save the statements that take most of the time.
2. A smaller pool, about twice the cores.
3. Refuse what matters least.
4. A replica for reads."""
proof = "As much or more throughput with fewer connections; processors below 70 %."
risk = "A longer queue in the application; undo when the throughput is below what it was."
refuse = "A larger pool."
quiet = "Processors that others on the host use; nobody waits."
related = ["pool-saturation", "pool-oversized", "stmt-pareto"]

[thresholds]
cpu = { value = 0.7, unit = "share", source = "common guideline" }
k = { value = 4, unit = "times cores", source = "common guideline" }
w_slo = { value = 50, unit = "ms", source = "common guideline: below it the queue is cheap" }
*/
WITH told AS (
  SELECT v.*, max(coalesce(v.wait_p99_ms, 0), coalesce(v.wait_p95_ms, 0)) AS worst_ms,
    coalesce(max(coalesce(v.wait_p99_ms, 0), coalesce(v.reached_wait_ms, 0)) < :w_slo, 0) AS cheap
  FROM pool_verdict AS v
  WHERE v.kind = 'connection' AND v.instance IS NULL AND v.waiting_max > 0 AND v.utilisation_max >= 0.95
    AND (v.server_cpu >= :cpu OR v.server_active >= :k * v.server_cores)
)
SELECT CASE t.cheap WHEN 1 THEN 'info' ELSE 'critical' END AS severity, 'pool' AS subject_kind, t.pool AS subject_id,
  coalesce(t.pinned_ns, t.start_ns) AS start_ns, t.end_ns, nullif(t.worst_ms, 0) AS gain_ms,
  t.pool, t.ceiling_value AS limit_value, t.waiting_max AS waiting, nullif(t.worst_ms, 0) AS wait_ms,
  CASE WHEN t.server_cpu >= :cpu THEN 'processors at ' || printf('%.0f', 100 * t.server_cpu) || ' %'
    ELSE printf('%.0f', t.server_active) || ' statements on ' || printf('%.0f', t.server_cores) || ' cores' END AS load,
  CASE t.cheap WHEN 1 THEN 'keep the pool' ELSE 'do not enlarge the pool' END AS headline_advice,
  CASE t.cheap WHEN 1 THEN 'Those that wait stand in the cheap queue: waiting in the pool costs less than contending in the server. Keep the size.'
    ELSE 'Let them queue outside.' END AS advice,
  t.server_active, 100 * t.server_cpu AS cpu_pct, t.server_cores, t.throughput, t.cause
FROM told AS t
ORDER BY t.cheap, t.waiting_max DESC, t.pool LIMIT 50
