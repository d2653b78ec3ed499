-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-hot-key-skew"
version = 1
title = "One key or partition takes most of the load"
headline = "{key} {value} takes {share_pct} of {calls_total} calls"
severity = "warning"
needs = ["stmts"]
uses = ["traces", "log"]
rung = 7
summary = "{key} {value} takes {calls} of {calls_total} calls ({share_pct}), {even_x} its even part of {parts}. The total is within limits, but this part alone may need more than it can give while the rest idles."
cause = "A partition key with few or uneven values."
checks = ["One key, or one bucket of hashes?", "Reads or writes?", "What can one part give?"]
fix = """
1. A cache for the hot key, or split it (a suffix modulo 10).
2. A limit on its rate.
3. A key with more values.
4. Finer parts."""
proof = "The largest share; requests that are refused."
risk = "Readers must merge what was split."
refuse = "More capacity in total."
quiet = "Fewer than 1,000 calls; fewer than three parts; less than twice the even part or than 10 %."
related = ["stmt-noisy-tenant"]

[thresholds]
x = { value = 2, unit = "factor", source = "common guideline: times the even part" }
s = { value = 0.6, unit = "share", source = "set here; known cases had 0.6 and 0.8" }
floor = { value = 0.1, unit = "share", source = "set here: below it nothing is hot" }
events = { value = 1000, unit = "calls", source = "set here" }
*/
WITH marks AS (
  SELECT g.origin, g.key, g.value, sum(g.calls) AS calls, sum(g.total_ms) AS total_ms
  FROM statement_tag AS g
  WHERE lower(g.key) IN ('shard', 'shard_id', 'partition', 'partition_id', 'partition_key', 'bucket', 'key', 'node',
    'hash_key', 'routing_key')
  GROUP BY g.origin, g.key, g.value
), summed AS (
  SELECT m.*, sum(m.calls) OVER (PARTITION BY m.origin, m.key) AS all_calls,
    count(*) OVER (PARTITION BY m.origin, m.key) AS parts,
    (SELECT min(t.first_ns) FROM statement_stat AS t WHERE t.origin = m.origin) AS first_ns,
    (SELECT max(t.last_ns) FROM statement_stat AS t WHERE t.origin = m.origin) AS last_ns
  FROM marks AS m
)
SELECT 'warning' AS severity, 'key' AS subject_kind, m.key || '=' || m.value AS subject_id, m.first_ns AS start_ns,
  m.last_ns AS end_ns, NULL AS gain_ms, m.key, m.value, m.calls, m.all_calls AS calls_total, m.parts, m.total_ms,
  100.0 * m.calls / m.all_calls AS share_pct, 1.0 * m.calls * m.parts / m.all_calls AS even_x, m.origin
FROM summed AS m
WHERE m.all_calls >= :events AND m.parts >= 3
  AND (m.calls * m.parts >= :x * m.all_calls AND m.calls >= :floor * m.all_calls OR m.calls >= :s * m.all_calls)
ORDER BY m.calls * 1.0 / m.all_calls DESC, m.key, m.value LIMIT 20
