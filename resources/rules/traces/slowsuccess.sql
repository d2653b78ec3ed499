-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-slow-success"
version = 1
title = "Slow answers without errors"
headline = "{operation}: {after_ms} instead of {before_ms}, and {error_pct} errors"
severity = "critical"
needs = ["traces"]
rung = 2
summary = "From {at} on the {metric} of {operation} is {after_ms} instead of {before_ms} ({ratio_x}), while {error_pct} of its calls fail. A panel of errors stays green; slow success holds workers just like failure, and longer."
cause = "A dependency degraded without failing."
checks = [
  "Does the circuit breaker look at errors only?",
  "How many workers are busy waiting?",
  "Which service changed first in its own time?",
]
fix = """
1. A limit on the call.
2. A condition for slow calls in the breaker.
3. A bulkhead around the slow call."""
proof = "Busy workers fall, and the breaker opens in a replay."
risk = "More quick failures."
refuse = "Green means healthy."
quiet = "More than 1 % errors, less than twice the baseline, fewer than 100 calls, answers below 50 ms, planned batches and load tests."
related = ["trace-first-self-time-change", "trace-operation-errors"]

[thresholds]
e = { value = 0.01, unit = "share", source = "set here" }
x = { value = 2, unit = "factor", source = "incident reports" }
n = { value = 100, unit = "calls", source = "set here" }
least = { value = 50, unit = "ms", source = "set here: faster answers hold nobody" }
*/
WITH slow AS (
  SELECT o.*, s.errors, s.n + coalesce(s.unknown, 0) AS calls FROM onset AS o JOIN operation_stat AS s
    ON coalesce(s.service || ': ', '') || s.operation = o.subject
  WHERE o.subject_kind = 'operation' AND o.metric IN ('p99_ns', 'p95_ns', 'p90_ns') AND o.ratio >= :x AND o.n >= :n
    AND o.after >= :least * 1000000 AND s.instance IS NULL AND s.range_start_ns IS NULL
    AND s.run_id = (SELECT max(run_id) FROM operation_stat)
)
SELECT 'critical' AS severity, 'operation' AS subject_kind, s.subject AS subject_id, s.ts_ns AS start_ns, NULL AS end_ns,
  (s.after - s.before) / 1e6 AS gain_ms,
  s.service, s.subject AS operation, upper(replace(s.metric, '_ns', '')) AS metric,
  strftime('%H:%M:%S', s.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS at, s.before / 1e6 AS before_ms,
  s.after / 1e6 AS after_ms, s.ratio AS ratio_x, 100.0 * s.errors / s.calls AS error_pct, s.calls, s.bin_ns / 1e6 AS bin_ms
FROM slow AS s
WHERE s.errors <= :e * s.calls
ORDER BY s.ts_ns, s.subject LIMIT 20
