-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-connections-not-kept"
version = 1
title = "Connections are opened all the time"
headline = "{pool}: {opened} connections a second are opened for {rate} requests a second"
severity = "warning"
needs = ["pool"]
uses = ["log", "traces"]
rung = 3
summary = "{opened} connections a second are created and thrown away ({share_pct} of the requests). Each costs 50 to 100 ms and a process of the server."
cause = "A connection per request, a pool that is too small or never kept, or connections that are dropped."
checks = [
  "Is there a pool, created once?",
  "Is the idle limit shorter than the time between calls?",
  "Does the network drop them?",
]
fix = """
1. A pool, created once.
2. A minimum of idle connections.
3. A pooler near the server."""
proof = "Almost none are created; less processor time of the database."
risk = "Idle connections."
refuse = "A larger max_connections."
quiet = "A start, a deploy, a failover; fewer than a tenth of the requests."
related = ["pool-connection-churn", "trace-connection-setup", "pool-mostly-idle"]

[thresholds]
x = { value = 0.1, unit = "share", source = "set here: of the requests" }
n = { value = 10, unit = "samples", source = "set here" }
*/
SELECT 'warning' AS severity, 'pool' AS subject_kind, v.pool AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  v.pool, round(v.opened_per_s, 2) AS opened, round(v.throughput, 1) AS rate, 100 * v.opened_per_s / v.throughput AS share_pct
FROM pool_verdict AS v
WHERE v.instance IS NULL AND v.kind = 'connection' AND v.n >= :n AND v.throughput > 0 AND v.opened_per_s >= :x * v.throughput
ORDER BY v.opened_per_s DESC, v.pool LIMIT 50
