-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-mostly-idle"
version = 1
title = "Most connections do nothing"
headline = "{pool}: {idle_pct} of {open} open connections are idle"
severity = "info"
needs = ["pool"]
rung = 4
summary = "On average {idle_pct} of the {open} connections of {pool} are idle, and at the peak {peak_pct} were in use. Idle connections cost 5 to 10 MB each and leave less room for others."
cause = "Sizes were guessed high, or clients keep connections of their own."
checks = [
  "Is the peak in these samples, or only the night?",
  "Which application holds them?",
]
fix = """
1. A smaller minimum and maximum.
2. A pooler: 1,000 idle ones become 20."""
proof = "The share of idle ones, and memory."
risk = "The first burst waits; undo when the wait P95 passes 50 ms."
refuse = "A larger max_connections."
quiet = "Fewer than 50 connections; clients of a multiplexer; a peak that needs them."
related = ["pool-oversized", "pool-fleet-overcommit"]

[thresholds]
w = { value = 0.75, unit = "share", source = "set here; others say 0.5" }
n = { value = 50, unit = "connections", source = "set here" }
*/
SELECT CASE WHEN v.utilisation_max < 0.25 THEN 'warning' ELSE 'info' END AS severity, 'pool' AS subject_kind, v.pool AS subject_id,
  v.start_ns, v.end_ns, NULL AS gain_ms,
  v.pool, 100 * v.idle_share AS idle_pct, round(v.utilisation * v.ceiling_value / (1 - v.idle_share)) AS open, 100 * v.utilisation_max AS peak_pct, v.instances
FROM pool_verdict AS v
WHERE v.instance IS NULL AND v.kind = 'connection' AND v.idle_share >= :w AND v.utilisation_max <= 1 - :w + 0.05 AND v.idle_share < 1 AND v.utilisation * v.ceiling_value / (1 - v.idle_share) >= :n - 0.5
ORDER BY v.capacity DESC, v.pool LIMIT 50
