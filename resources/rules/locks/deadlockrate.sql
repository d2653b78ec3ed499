-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "deadlock-rate"
version = 1
title = "Deadlocks happen"
headline = "{n} deadlocks, up to {peak_per_min} a minute"
severity = "critical"
needs = ["log"]
rung = 5
summary = "{n} deadlocks on {days} days, {typical_per_min} in a typical minute that has one and {peak_per_min} in the worst. Each cancels one transaction: the one whose check comes first, not the youngest. {phases}"
cause = "The order in which locks are taken; see the rules on the pattern."
checks = [
  "The pattern: the log always tells both statements, whatever log_lock_waits says.",
  "Was something deployed shortly before the first?",
  "Only at the peak of the load?",
]
fix = """
1. What the rule on the pattern says: the same order of rows in every path.
2. Is a higher isolation level used than is needed?
3. Retries with jitter, only as a net."""
proof = "No deadlock a minute."
risk = "More waiting instead of errors."
refuse = "Only retries, or a longer lock timeout: the order stays wrong."
quiet = "Fewer than two a minute on a single day."
related = ["deadlock-opposite-order", "deadlock-parent-child"]

[thresholds]
c = { value = 1, unit = "deadlocks/min", source = "common alert" }
d = { value = 2, unit = "days", source = "set here" }
step = { value = 3, unit = "factor", source = "set here: two phases of the rate" }
*/
WITH events AS (
  SELECT e.server_id, e.source_id, e.ts_ns FROM log_entry AS e WHERE e.kind = 'deadlock' AND e.ts_ns IS NOT NULL
), minutes AS (
  SELECT v.server_id, v.ts_ns / 60000000000 AS minute, count(*) AS n, min(v.ts_ns) AS first_ns, max(v.ts_ns) AS last_ns
  FROM events AS v GROUP BY v.server_id, minute
), placed AS (
  SELECT m.*, row_number() OVER (PARTITION BY m.server_id ORDER BY m.n) AS place,
    count(*) OVER (PARTITION BY m.server_id) AS busy
  FROM minutes AS m
), grouped AS (
  SELECT p.server_id, sum(p.n) AS n, max(p.n) AS peak, count(*) AS busy_minutes, min(p.first_ns) AS first_ns,
    max(p.last_ns) AS last_ns, max(CASE WHEN p.place = (p.busy + 1) / 2 THEN p.n END) AS typical,
    count(DISTINCT p.minute / 1440) AS days
  FROM placed AS p GROUP BY p.server_id
), phases AS (
  -- The time in which the rate is a multiple of the typical one.
  SELECT g.server_id, count(*) AS high_minutes, round(avg(m.n)) AS high, min(m.first_ns) AS high_ns
  FROM grouped AS g JOIN minutes AS m ON m.server_id IS g.server_id AND m.n >= :step * g.typical GROUP BY g.server_id
)
SELECT CASE WHEN g.peak > :c THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  coalesce(g.server_id, 'log') AS subject_id, g.first_ns AS start_ns, g.last_ns AS end_ns, NULL AS gain_ms,
  g.n, g.typical AS typical_per_min, g.peak AS peak_per_min, g.busy_minutes, g.days, p.high AS high_per_min,
  p.high_minutes, p.high_ns AS high_start,
  CASE WHEN p.high IS NULL THEN 'The rate is steady.'
    ELSE 'It rises to ' || CAST(p.high AS INTEGER) || ' a minute for ' || p.high_minutes || ' minutes.' END AS phases
FROM grouped AS g LEFT JOIN phases AS p ON p.server_id IS g.server_id
WHERE g.peak > :c OR g.days >= :d
ORDER BY g.n DESC
