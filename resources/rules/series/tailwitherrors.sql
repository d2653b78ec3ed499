-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "dist-tail-with-errors"
version = 1
title = "Tail and errors rise together"
headline = "{operation}: {tail} {before_ms} to {after_ms}, errors {errors_before_pct} to {errors_after_pct}"
severity = "warning"
needs = ["traces"]
rung = 2
summary = "Within {apart_ms} the {tail} of {operation} went from {before_ms} to {after_ms} ({ratio_x}) and the share of failed calls from {errors_before_pct} to {errors_after_pct} (from {at} on). Time limits and refusals belong to the requests that use the failing dependency."
cause = "A dependency fails for a part of the requests."
checks = [
  "Only the failed traces: which span fails first?",
  "The state of the breaker.",
  "Is the dependency well when it is asked from elsewhere?",
]
fix = """
1. A limit and a breaker.
2. A fallback.
3. Repair the dependency."""
proof = "The share of errors and the P99 are back."
risk = "Quick failures instead of slow ones."
refuse = "More retries."
quiet = "Errors without a tail, a tail without errors, onsets more than five minutes apart, fewer than 100 calls."
related = ["trace-operation-errors", "trace-slow-success", "trace-retry-amplification"]

[thresholds]
n = { value = 100, unit = "calls", source = "set here" }
c = { value = 0.25, unit = "share", source = "set here: failed calls" }
win = { value = 5, unit = "min", source = "set here: or two bins" }
*/
SELECT CASE WHEN e.after >= :c THEN 'critical' ELSE 'warning' END AS severity, 'operation' AS subject_kind,
  t.subject AS subject_id, min(t.ts_ns, e.ts_ns) AS start_ns, NULL AS end_ns, (t.after - t.before) / 1e6 AS gain_ms,
  t.subject AS operation, upper(replace(t.metric, '_ns', '')) AS tail,
  strftime('%H:%M:%S', min(t.ts_ns, e.ts_ns) / 1000000000, 'unixepoch') || ' UTC' AS at, t.before / 1e6 AS before_ms,
  t.after / 1e6 AS after_ms, t.ratio AS ratio_x, 100.0 * e.before AS errors_before_pct, 100.0 * e.after AS errors_after_pct,
  abs(t.ts_ns - e.ts_ns) / 1e6 AS apart_ms, t.n AS calls
FROM onset AS t JOIN onset AS e ON e.run_id = t.run_id AND e.subject = t.subject AND e.subject_kind = t.subject_kind
  AND e.metric = 'error_share'
WHERE t.subject_kind = 'operation' AND t.metric IN ('p99_ns', 'p95_ns', 'p90_ns') AND t.n >= :n
  AND abs(t.ts_ns - e.ts_ns) <= max(:win * 60000000000, 2 * t.bin_ns)
ORDER BY e.after DESC, t.subject LIMIT 50
