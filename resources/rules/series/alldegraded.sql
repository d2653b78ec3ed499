-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "dist-all-degraded"
version = 1
title = "Everything is slower, not only the tail"
headline = "{operation}: P50 {before_ms} to {after_ms}, and the tail with it"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "From {at} on the P50 of {operation} is {after_ms} instead of {before_ms} ({ratio_x}) and the {tail} {tail_after_ms} instead of {tail_before_ms}: the whole distribution moved. Calls a second: {rate_before} before, {rate_after} after ({load})."
cause = "Something every request needs: processors, memory, a disk, a dependency of all requests."
checks = [
  "More work, or slower work? See the calls a second.",
  "Processors above 80 %, memory, restarts.",
  "Which service changed first in its own time?",
]
fix = "1. The rule of the resource, or of the service that changed first."
proof = "The P50 is back."
risk = "None: nothing is changed."
refuse = "Looking at single slow requests first; blaming the database in general."
quiet = "A stable P50, less than twice the baseline, fewer than 1,000 calls a comparison could rest on, answers below 10 ms."
related = ["trace-first-self-time-change", "trace-slow-success", "dist-tail-diverges", "dist-tail-with-errors"]

[thresholds]
n = { value = 1000, unit = "calls", source = "common guideline for a P99" }
least = { value = 10, unit = "ms", source = "set here: of difference" }
load = { value = 1.2, unit = "factor", source = "set here: so many more calls are more load" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind, m.subject AS subject_id, m.ts_ns AS start_ns, NULL AS end_ns,
  (m.after - m.before) / 1e6 AS gain_ms,
  m.subject AS operation, strftime('%H:%M:%S', m.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS at,
  m.before / 1e6 AS before_ms, m.after / 1e6 AS after_ms, m.ratio AS ratio_x,
  upper(replace(t.metric, '_ns', '')) AS tail, t.before / 1e6 AS tail_before_ms, t.after / 1e6 AS tail_after_ms,
  round(m.rate_before, 2) AS rate_before, round(m.rate_after, 2) AS rate_after,
  CASE WHEN m.rate_after >= :load * m.rate_before THEN 'more load' WHEN :load * m.rate_after <= m.rate_before
    THEN 'fewer calls get through' ELSE 'the same load: the system itself is slower' END AS load, m.n AS calls
FROM onset AS m JOIN onset AS t ON t.run_id = m.run_id AND t.subject = m.subject AND t.subject_kind = m.subject_kind
  AND t.metric IN ('p99_ns', 'p95_ns', 'p90_ns')
WHERE m.subject_kind = 'operation' AND m.metric = 'p50_ns' AND m.n >= :n AND m.after - m.before >= :least * 1000000
ORDER BY m.ts_ns, m.subject LIMIT 50
