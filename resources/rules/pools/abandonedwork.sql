-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-abandoned-work"
version = 1
title = "Work is finished for clients that left"
headline = "{pool}: the acquire limit of {acquire_ms} outlives the client, who leaves after {client_ms}"
severity = "warning"
needs = ["pool"]
uses = ["config", "traces"]
rung = 1
summary = "A request waits up to {acquire_ms} for {pool}, its client only {client_ms}. {measured} Throughput looks high while answers in time fall to zero: count goodput, the answers within {client_ms}."
cause = "An inner limit is longer than an outer one."
checks = [
  "The order of the limits along the call.",
  "The age of a request when it gets its connection.",
]
fix = """
1. An acquire limit of 2 s, then 503 or a smaller answer.
2. Drop requests whose client is gone before they are worked on."""
proof = "Goodput equals throughput."
risk = "More failures that are fast; undo by the error budget."
refuse = "'The database is busy, so it is useful.'"
quiet = "Clients without a limit (batch); limits in the right order and nobody late."
related = ["pool-fleet-overcommit", "pool-saturation", "pool-demand-exceeds-size"]

[thresholds]
s = { value = 0.05, unit = "share", source = "set here: of the arrivals" }
*/
SELECT CASE WHEN v.abandoned_share >= :s THEN 'critical' ELSE 'warning' END AS severity, 'pool' AS subject_kind,
  v.pool AS subject_id, coalesce(v.no_goodput_ns, v.start_ns) AS start_ns, v.end_ns, NULL AS gain_ms,
  v.pool, v.acquire_timeout_ms AS acquire_ms, v.client_timeout_ms AS client_ms,
  CASE WHEN v.no_goodput_ns IS NOT NULL THEN 'Who arrived from ' || strftime('%H:%M:%S', v.no_goodput_ns / 1000000000, 'unixepoch')
      || ' UTC on was answered too late: ' || printf('%.1f', 100 * v.abandoned_share) || ' % of all arrivals, while up to '
      || printf('%,d', round(v.throughput)) || '/s were worked on.'
    ELSE 'It has not happened in these samples yet.' END AS measured,
  100 * v.abandoned_share AS abandoned_pct, round(v.throughput) AS throughput, v.no_goodput_ns
FROM pool_verdict AS v
WHERE v.instance IS NULL AND v.client_timeout_ms > 0
  AND (v.acquire_timeout_ms > v.client_timeout_ms OR v.abandoned_share >= :s)
ORDER BY v.abandoned_share DESC, v.pool LIMIT 50
