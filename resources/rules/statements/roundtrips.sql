-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-round-trips"
version = 1
title = "Requests make many round trips to one store"
headline = "{endpoint}: {n} round trips below {parent_operation} while {pool} is {busy_pct} busy"
severity = "info"
needs = ["traces", "pool"]
rung = 5
summary = "A request of {endpoint} makes {n} calls of {call} one after another ({sum_ms} together), and {pool} has {busy_pct} of its connections in use. Each round trip holds or takes a connection again; fewer of them lower the demand before a pooler is needed."
cause = "Several small queries that could be one."
checks = ["Are they of one shape? Then stmt-n-plus-one says more.", "Which of the reads depend on each other?"]
fix = """
1. Merge them, batch them, or keep the answers.
2. After that a multiplexer of connections."""
proof = "Calls per request, and connections in use."
risk = "Larger answers."
refuse = "A larger pool."
quiet = "Fewer than 10 calls a request; pools that are less than 70 % in use."
related = ["stmt-n-plus-one", "trace-sequential-independent"]

[thresholds]
n = { value = 10, unit = "calls", source = "set here; a known page made 10" }
u = { value = 0.7, unit = "share", source = "common guideline" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
*/
WITH busy AS (
  SELECT p.pool, p.instance, avg(1.0 * p.active / p.capacity) AS used, min(p.ts_ns) AS first_ns, max(p.ts_ns) AS last_ns
  FROM pool_sample AS p
  WHERE p.kind = 'connection' AND p.capacity > 0 AND p.active IS NOT NULL GROUP BY p.pool, p.instance
), worst AS (
  SELECT b.* FROM busy AS b WHERE b.used > :u ORDER BY b.used DESC LIMIT 1
)
SELECT 'info' AS severity, 'operation' AS subject_kind, coalesce(p.service || ': ', '') || p.parent_operation AS subject_id,
  p.start_ns, p.end_ns, p.saving_p50_ns / 1e6 AS gain_ms,
  coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS endpoint, p.parent_operation, p.operation AS call,
  p.n_p50 AS n, p.total_p50_ns / 1e6 AS sum_ms, w.pool, w.instance, 100.0 * w.used AS busy_pct,
  p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p CROSS JOIN worst AS w
WHERE p.kind IN ('n_plus_one', 'sequential', 'repeated_lookup') AND p.n_p50 >= :n AND p.traces >= :share * p.examined
  -- Only questions to a database have a statement.
  AND EXISTS (SELECT 1 FROM statement AS s WHERE s.fingerprint = p.fingerprint)
ORDER BY p.total_p50_ns DESC, endpoint, p.operation LIMIT 100
