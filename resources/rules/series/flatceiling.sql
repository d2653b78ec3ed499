-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-flat-ceiling"
version = 1
title = "A curve is flat at a limit"
headline = "{series} stays at {value}: {limit}"
severity = "warning"
needs = ["series"]
uses = ["settings", "config", "pool"]
rung = 2
summary = "From {at} on {series} stays at {value} for {flat_ms} ({samples} samples) while {driver} goes from {driver_before} to {driver_after}. That value is {limit}. Waiting begins behind it."
cause = "A ceiling is reached."
checks = [
  "Which setting has this value, and who set it?",
  "Is there a second plateau: a wait that ends at its own time-out?",
  "What waits behind it?",
]
fix = "1. The rule of the resource: pool, max_connections, workers, limiter, file descriptors."
proof = "The curve follows the demand again."
risk = "None: nothing is changed."
refuse = "Raising max_connections before it is known who holds the connections."
quiet = "A demand that does not grow, a demand that is unknown (then it is called flat, without a verdict), a value that is no limit and no round number, 0."
related = ["trace-wait-dominates", "series-change-point-marker"]

[thresholds]
k = { value = 10, unit = "samples", source = "set here" }
rise = { value = 1.2, unit = "factor", source = "set here: of the demand" }
sure = { value = 0.9, unit = "confidence", source = "set here: a setting has this value, not only a round number" }
*/
SELECT CASE WHEN c.confidence >= :sure THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  c.series_id AS subject_id, c.start_ns, c.end_ns, NULL AS gain_ms,
  c.subject AS series, CASE c.unit WHEN 'ms' THEN round(c.value / 1000, 3) || ' s' WHEN 's' THEN round(c.value, 3) || ' s'
    ELSE printf('%.10g', c.value) END AS value,
  CASE WHEN c.setting IS NULL THEN 'a round number' WHEN c.value < 0.995 * c.limit_value THEN c.setting || ' ('
    || printf('%.10g', c.limit_value) || ') less the reserved ones' ELSE c.setting END AS "limit",
  strftime('%H:%M:%S', c.start_ns / 1000000000, 'unixepoch') || ' UTC' AS at, (c.end_ns - c.start_ns) / 1e6 AS flat_ms,
  c.samples, c.driver, c.driver_before, c.driver_after, c.limit_value, c.confidence
FROM ceiling AS c
WHERE c.series_id IS NOT NULL AND c.verdict = 'ceiling' AND c.samples >= :k
  AND c.driver_after >= :rise * c.driver_before
ORDER BY c.confidence DESC, c.start_ns, c.series_id LIMIT 50
