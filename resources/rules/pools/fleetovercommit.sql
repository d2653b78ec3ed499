-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-fleet-overcommit"
version = 1
title = "All pools together exceed the server"
headline = "{account} = {demand} possible connections against {usable} ({ratio})"
severity = "critical"
needs = ["config"]
uses = ["pool", "markers", "settings"]
rung = 1
summary = "{account} = {demand} possible connections against {usable} of {server} ({ratio}){file}. {changed}The size of a pool is per instance, the limit is shared: the first number of instances that does not fit is {first_failing}. A pool {pool_name} of at most {budget} fits (others as they are), {budget_80} with a fifth left free. {refusal}"
cause = "Instances were added and the size of the pool stayed."
checks = [
  "The largest number of instances that the autoscaler may start, not today's.",
  "Jobs, consoles, monitoring, this tool.",
  "A deploy with overlap doubles the instances.",
  "Memory: 5 to 10 MB a connection.",
]
fix = """
1. A pool of at most {budget} an instance (usable / instances), {budget_70} with 30 % left free; an acquire limit of 2 s.
2. A pooler in transaction mode: 1,000 clients on 20 connections.
3. A cap on the autoscaler.
{refusal}"""
proof = "The ratio is below 0.7 with the largest number of instances."
risk = "Smaller pools queue earlier: see what they can carry. Undo when the demand exceeds them."
refuse = "A larger max_connections: each connection costs memory, a descriptor and contention; the queue only moves into the database. More instances: they join the queue."
quiet = "A multiplexer in between: its server side counts."
related = ["pool-oversized", "pool-demand-exceeds-size", "pool-saturation", "pool-abandoned-work"]

[thresholds]
w = { value = 0.7, unit = "share", source = "common guideline" }
c = { value = 1, unit = "share", source = "arithmetic" }
*/
WITH query AS (
  SELECT sum(s.total_ms) / sum(s.calls) AS ms FROM statement_stat AS s WHERE s.calls > 0 AND s.total_ms > 0
    AND s.origin = (SELECT o.origin FROM statement_stat AS o WHERE o.total_ms > 0 ORDER BY o.origin = 'stat' DESC, o.origin = 'log' DESC LIMIT 1)
), fleet AS (
  SELECT f.*, s.path,
    (SELECT group_concat(p.instances_max || ' x ' || CASE WHEN p.workers > 1 THEN p.workers || ' x ' ELSE '' END || p.size, ' + ')
      FROM pool_fleet AS p WHERE p.source_id IS f.source_id AND p.server = f.server AND p.pool IS NOT NULL AND p.counted = 1) AS account,
    (SELECT p.pool FROM pool_fleet AS p WHERE p.source_id IS f.source_id AND p.server = f.server AND p.pool IS NOT NULL
      AND p.counted = 1 ORDER BY p.demand DESC, p.service, p.pool LIMIT 1) AS pool_name,
    (SELECT p.instances_max * p.workers FROM pool_fleet AS p WHERE p.source_id IS f.source_id AND p.server = f.server AND p.pool IS NOT NULL
      AND p.counted = 1 ORDER BY p.demand DESC, p.service, p.pool LIMIT 1) AS clients
  FROM pool_fleet AS f LEFT JOIN source AS s ON s.id = f.source_id
  WHERE f.pool IS NULL AND f.max_ratio > :w
), measured AS (
  SELECT f.*, v.arrival_rate AS rate, v.service_ms, (SELECT q.ms FROM query AS q) AS query_ms,
    f.budget_80 * f.clients AS safe
  FROM fleet AS f LEFT JOIN pool_verdict AS v ON v.pool = f.pool_name AND v.instance IS NULL AND v.kind = 'connection'
    AND v.instances <= f.instances_max
), told AS (
  SELECT m.*, m.safe * 1000 / m.service_ms AS cap, m.safe * 1000 / min(m.query_ms, m.service_ms) AS query_cap FROM measured AS m
)
SELECT CASE WHEN t.max_ratio > :c THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind, t.server AS subject_id,
  NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  t.account, t.max_demand AS demand, t.usable, t.server, printf('%.1f : 1', t.max_ratio) AS ratio,
  coalesce(', by ' || replace(t.path, rtrim(t.path, replace(t.path, '/', '')), ''), '') AS file,
  coalesce((SELECT 'The last change of their number: ' || coalesce(e.title, e.detail) || '. ' FROM event AS e WHERE e.kind = 'scale'
    ORDER BY e.ts_ns DESC LIMIT 1), '') AS changed,
  t.first_failing, t.budget, t.budget_80, t.budget_70, t.pool_name,
  CASE WHEN t.max_ratio > :c AND t.budget = 0 THEN 'Not even one connection an instance fits: only a pooler helps.'
    WHEN t.rate IS NULL OR t.service_ms IS NULL THEN 'What ' || t.safe || ' connections can carry is unknown without a measured rate and time held.'
    WHEN t.cap >= t.rate THEN t.safe || ' connections held for ' || human_ms(t.service_ms) || ' carry ' || printf('%,d', round(t.cap)) || '/s; '
      || printf('%,d', round(t.rate)) || '/s come.'
    ELSE 'Honestly: ' || t.safe || ' connections cannot serve ' || printf('%,d', round(t.rate)) || ' requests/s. Held for ' || human_ms(t.service_ms)
      || ' they carry ' || printf('%,d', round(t.cap)) || '/s' || CASE WHEN t.query_cap > 1.05 * t.cap THEN ', and ' || printf('%,d', round(t.query_cap))
        || '/s if they were held only for the ' || human_ms(t.query_ms) || ' of the statement' ELSE '' END || ': '
      || CASE WHEN t.query_cap > 1.05 * t.cap THEN printf('%.0f', 100 * max(0, 1 - t.query_cap / t.rate)) || ' to ' ELSE '' END
      || printf('%.0f', 100 * (1 - t.cap / t.rate)) || ' % must be refused, answered from a cache, or held for less.' END AS refusal,
  t.safe, round(t.rate) AS rate, t.service_ms, t.query_ms, round(t.cap) AS cap, round(t.query_cap) AS query_cap,
  round(100 * (1 - t.cap / t.rate), 1) AS deficit_pct, round(100 * max(0, 1 - t.query_cap / t.rate), 1) AS deficit_query_pct,
  t.max_ratio AS ratio_x, t.instances, t.instances_max, t.reserved
FROM told AS t
ORDER BY t.max_ratio DESC, t.server LIMIT 50
