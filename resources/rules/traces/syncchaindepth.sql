-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-sync-chain-depth"
version = 1
title = "A long chain of services that wait for each other"
headline = "{endpoint} waits through {depth} services"
severity = "info"
needs = ["traces"]
rung = 5
summary = "A request to {endpoint} usually waits through {depth} services, one below the other ({path}). All of them must be up and quick at once: at 99.9 % each, {up_pct} of the requests find them all up."
cause = "Services coupled by calls that block."
checks = [
  "Which of them may fail or be late without harm?",
  "Which hops always occur together?",
  "What does a hop cost? 2 to 7 ms are usual.",
]
fix = """
1. A limit and a fallback at every hop.
2. Merge services, or call them side by side.
3. Events for what can be late."""
proof = "Fewer services on the longest chain."
risk = "None until something is changed."
refuse = "More retries at every hop."
quiet = "Fewer than 4 services, fewer than 20 traces, asynchronous hops."
related = ["trace-always-together", "trace-first-self-time-change"]

[thresholds]
d = { value = 4, unit = "services", source = "incident reports" }
w = { value = 6, unit = "services", source = "set here: a warning" }
n = { value = 20, unit = "traces", source = "set here" }
*/
SELECT CASE WHEN c.depth_p50 >= :w THEN 'warning' ELSE 'info' END AS severity, 'operation' AS subject_kind,
  coalesce(c.endpoint_service || ': ', '') || c.endpoint_operation AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms,
  coalesce(c.endpoint_service || ': ', '') || c.endpoint_operation AS endpoint, c.depth_p50 AS depth,
  c.depth_max AS deepest, c.path, c.traces,
  -- 0.999^d, good to six digits for any chain of services.
  100.0 * (1 - 0.001 * c.depth_p50 + 0.000001 * c.depth_p50 * (c.depth_p50 - 1) / 2) AS up_pct, c.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = c.example_trace_id) AS example_span_id
FROM sync_chain AS c
WHERE c.depth_p50 >= :d AND c.traces >= :n
ORDER BY c.depth_p50 DESC, endpoint LIMIT 20
