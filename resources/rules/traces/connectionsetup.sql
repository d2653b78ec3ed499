-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-connection-setup"
version = 1
title = "Every call pays for a new connection"
headline = "{calls_pct} of the calls of {host} set up a connection, {setup_ms} each"
severity = "warning"
needs = ["traces"]
rung = 1
summary = "{service} sets up a connection in {setups} of {calls} calls of {host}, up to {most} times in one request: {setup_ms} each ({parts}). That is {overhead_pct} of such a request; a connection that is kept costs about 0.1 ms."
cause = "No keep-alive, or no pool."
checks = [
  "Is a client made for every request?",
  "Is keep-alive off at the server or a proxy?",
  "Is the idle limit shorter than the time between two calls?",
]
fix = """
1. One client per dependency, with keep-alive.
2. A connection pool.
3. TLS 1.3 and HTTP/2: fewer round trips for those that remain."""
proof = "Set-ups per request fall to nearly 0."
risk = "Idle connections, and stale ones."
refuse = "Higher limits for sockets."
quiet = "Fewer than half of the calls and never two in one request, less than 5 ms, fewer than 10 set-ups (the first calls after a start)."
related = ["trace-external-call-dominates"]

[thresholds]
share = { value = 0.5, unit = "share", source = "set here: of the calls" }
twice = { value = 2, unit = "set-ups", source = "set here: in one request" }
ms = { value = 5, unit = "ms", source = "common guideline" }
n = { value = 10, unit = "set-ups", source = "set here" }
*/
SELECT 'warning' AS severity, 'service' AS subject_kind, c.service AS subject_id, NULL AS start_ns, NULL AS end_ns,
  c.setup_p50_ns / 1e6 AS gain_ms,
  c.service, coalesce(c.host, 'a host without a name') AS host, c.calls, c.setups, 100.0 * c.setups / c.calls AS calls_pct,
  c.most_per_trace AS most, c.setup_p50_ns / 1e6 AS setup_ms, 100.0 * c.request_share AS overhead_pct, c.traces,
  substr(coalesce(', names ' || human_ms(c.dns_p50_ns / 1e6), '') || coalesce(', connecting ' || human_ms(c.connect_p50_ns / 1e6), '')
    || coalesce(', handshake ' || human_ms(c.tls_p50_ns / 1e6), ''), 3) AS parts, c.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = c.example_trace_id) AS example_span_id
FROM connection_setup AS c
WHERE c.setups >= :n AND c.setup_p50_ns >= :ms * 1000000 AND (c.setups >= :share * c.calls OR c.most_per_trace >= :twice)
ORDER BY c.setup_p50_ns * c.setups DESC, c.service, c.host LIMIT 50
