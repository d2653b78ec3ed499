-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-demand-exceeds-size"
version = 1
title = "Demand is above what the pool can serve"
headline = "{pool}: {rate}/s held for {hold_ms} need {need} of {limit_value}"
severity = "critical"
needs = ["pool"]
rung = 3
summary = "{rate} requests a second that hold {pool} for {hold_ms} each need {need} of the {limit_value} it can have ({ceiling}), on average (Little's law). {state} {grew}"
cause = "The rate grew, or the time held."
checks = [
  "Which of the two grew?",
  "The time held against the time of the statement: is a connection held around remote calls?",
  "As many as needed on average is unstable: 3,000/s for 20 ms want 80, not 60.",
]
fix = """
1. Restore the time of the query.
2. Hold it for a shorter time.
3. A size of 2 to 3 times the need, if all pools together and the cores allow it.
4. Refuse, or answer from a cache, what is beyond {cap}/s."""
proof = "Need / size below 0.5; nobody waits."
risk = "More at once in the database; undo when its processors pass 70 %."
refuse = "A larger pool when the time held is the cause."
quiet = "A busy database or a cheap queue (other findings say so); a rate that consists of retries; a pool of which rate or time held are unknown."
related = ["pool-saturation", "pool-fleet-overcommit", "pool-exhausted-db-idle"]

[thresholds]
w = { value = 0.5, unit = "share", source = "common guideline: headroom of two" }
n = { value = 10, unit = "samples", source = "set here" }
grown = { value = 1.5, unit = "factor", source = "set here: so much longer is longer" }
*/
SELECT CASE WHEN v.demand >= v.ceiling_value THEN 'critical' ELSE 'warning' END AS severity, 'pool' AS subject_kind,
  v.pool AS subject_id, v.start_ns, v.end_ns, nullif(v.reached_wait_ms, 0) AS gain_ms,
  v.pool, round(v.arrival_rate) AS rate, v.service_ms AS hold_ms, round(v.demand, 1) AS need, v.ceiling_value AS limit_value,
  coalesce(v.ceiling, 'its size') AS ceiling, round(v.throughput_cap) AS cap,
  CASE WHEN v.demand >= v.ceiling_value THEN 'It carries ' || printf('%,d', round(v.throughput_cap)) || '/s at most; '
      || printf('%,d', round(v.deficit)) || '/s (' || printf('%.1f', 100 * v.deficit / v.arrival_rate) || ' %) are beyond it: unstable, the queue grows.'
    ELSE 'That is ' || printf('%.0f', 100 * v.demand / v.ceiling_value) || ' %: peaks will wait.' END AS state,
  CASE WHEN v.service_ms >= :grown * v.usual_service_ms THEN 'The time held grew from ' || human_ms(v.usual_service_ms) || '.'
    WHEN v.usual_service_ms IS NULL THEN 'Whether the time held grew is unknown: no sample is from before.'
    ELSE 'The time held is as usual: it is the rate.' END AS grew,
  v.demand / v.ceiling_value AS load_x, round(v.deficit) AS deficit, 100 * v.deficit / v.arrival_rate AS deficit_pct, v.cause, v.usual_service_ms
FROM pool_verdict AS v
WHERE v.instance IS NULL AND v.n >= :n AND v.arrival_rate > 0 AND v.ceiling_value > 0 AND v.demand >= :w * v.ceiling_value
  AND v.cause NOT IN ('database_busy', 'too_large', 'cheap_queue')
ORDER BY load_x DESC, v.pool LIMIT 50
