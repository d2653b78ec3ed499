-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-cold-start"
version = 1
title = "First call on a fresh instance is slow"
headline = "{service}: {slow} first calls take {excess_ms} longer"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "{slow} of {starts} first calls on the {instances} instances of {service} (fresh ones, or after five minutes without a call) take {excess_ms} longer than calls of the same operation usually do. The cost belongs to starting, not to the request; rare calls meet it most."
cause = "A process, code or connections that start up."
checks = [
  "How large is what is loaded?",
  "Are connections opened inside the handler?",
  "Do the slow calls follow a moment of scaling out?",
]
fix = """
1. Open connections outside of the handler.
2. Load less.
3. Keep some capacity warm."""
proof = "First calls take as long as others."
risk = "Capacity that stands by costs money."
refuse = "Longer limits in the clients as the only answer."
quiet = "Less than a second more, instances that were there when the recording began, spans without an instance."
related = ["trace-connection-setup"]

[thresholds]
n = { value = 1, unit = "calls", source = "set here" }
w = { value = 3, unit = "calls", source = "set here: a warning" }
*/
SELECT CASE WHEN c.slow >= :w THEN 'warning' ELSE 'info' END AS severity, 'service' AS subject_kind,
  c.service AS subject_id, NULL AS start_ns, NULL AS end_ns, c.excess_p50_ns / 1e6 AS gain_ms,
  c.service, c.instances, c.starts, c.slow, c.excess_p50_ns / 1e6 AS excess_ms, c.example_span_id
FROM cold_start AS c
WHERE c.slow >= :n
ORDER BY c.slow DESC, c.service LIMIT 50
