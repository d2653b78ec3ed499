-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-oversized"
version = 1
title = "More connections than the server can run"
headline = "{server}: {allowed} connections at once where {bound} {what}"
severity = "warning"
needs = ["config"]
uses = ["pool", "host"]
rung = 3
summary = "{allowed} connections work at once on {server}, or may; {bound} {what}. Past about twice the cores connections only take turns: each query gets slower, the throughput does not grow. {measured}The formula is for one database server in total: divide by the number of instances."
cause = "Bigger was taken for better."
checks = [
  "Three figures side by side: by cores, by demand (2 to 3 times rate x time held), by the limit of the fleet.",
  "A load test over the size of the pool: the curve decides, not the formula.",
  "The share of idle connections.",
]
fix = """
1. Shrink in steps, and watch wait and throughput.
2. Let requests queue in the application."""
proof = "As much throughput or more, shorter queries, a short queue."
risk = "Waits if the demand was real; undo when the wait P95 stays above 100 ms for two minutes."
refuse = "A larger max_connections."
quiet = "Many connections that are idle by design behind a multiplexer; servers with deep disk queues whose knee was measured higher."
related = ["pool-fleet-overcommit", "pool-mostly-idle", "pool-throughput-knee"]

[thresholds]
x = { value = 2, unit = "times", source = "set here" }
act = { value = 100, unit = "statements", source = "common guideline" }
crit = { value = 300, unit = "statements", source = "common guideline" }
*/
WITH fleet AS (
  SELECT f.server, f.max_demand AS allowed, f.server_bound AS bound, f.instances_max FROM pool_fleet AS f
  WHERE f.pool IS NULL AND f.server_bound > 0 AND f.max_demand >= :x * f.server_bound
), busy AS (
  SELECT v.server, max(v.server_active) AS active, max(v.server_cores) AS cores FROM pool_verdict AS v
  WHERE v.instance IS NULL AND v.server_active > :act GROUP BY v.server
), both AS (
  SELECT f.server, f.allowed, f.bound, b.active, f.instances_max FROM fleet AS f LEFT JOIN busy AS b ON b.server IS f.server
  UNION ALL
  SELECT b.server, b.active, CASE WHEN b.cores > 0 THEN 2 * b.cores + 1 ELSE :act END, b.active, NULL FROM busy AS b
  WHERE NOT EXISTS (SELECT 1 FROM fleet AS f WHERE f.server IS b.server)
)
SELECT CASE WHEN max(b.active) >= :crit THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  b.server AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  coalesce(b.server, 'the server') AS server, round(max(b.allowed)) AS allowed, round(max(b.bound)) AS bound,
  CASE WHEN max(b.active) > :act AND max(b.bound) = :act THEN 'are the usual limit' ELSE 'are what its cores can run (2 x cores + spindles)' END AS what,
  CASE WHEN max(b.active) IS NULL THEN '' ELSE 'Up to ' || printf('%.0f', max(b.active)) || ' statements were seen at work. ' END AS measured,
  max(b.allowed) * 1.0 / max(b.bound) AS factor_x, max(b.instances_max) AS instances
FROM both AS b GROUP BY b.server
ORDER BY factor_x DESC, server LIMIT 50
