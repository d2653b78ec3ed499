-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-operation-errors"
version = 1
title = "An operation fails often"
headline = "{operation} fails in {error_pct} of {calls} calls"
severity = "critical"
needs = ["traces"]
rung = 6
summary = "{errors} of {calls} spans of {operation} carry the status error ({error_pct}). P50 of all its spans is {p50_ms}, P99 {p99_ms}."
cause = "A failing dependency, a time limit, or requests that cannot succeed."
checks = [
  "Are the failures slow (a time limit) or quick (a refusal)?",
  "Do the failed requests share a tenant, an instance or a version?",
  "Are failed requests sampled more often than others? Then this share is too high.",
]
fix = "1. Open the failed traces and compare them with good ones; the first failing span below names the dependency."
proof = "The share of failed spans falls."
risk = "None: nothing is changed."
refuse = "More retries: they multiply the load on what fails already."
quiet = "Fewer than 100 calls, less than 1 % failures."
related = ["dist-tail-with-errors", "trace-retry-amplification"]

[thresholds]
n = { value = 100, unit = "calls", source = "set here" }
w = { value = 0.01, unit = "share", source = "common error budget" }
c = { value = 0.1, unit = "share", source = "set here" }
*/
WITH stat AS (
  SELECT o.*, o.n + coalesce(o.unknown, 0) AS calls FROM operation_stat AS o
  WHERE o.run_id = (SELECT max(run_id) FROM operation_stat) AND o.instance IS NULL AND o.range_start_ns IS NULL
)
SELECT CASE WHEN s.errors >= :c * s.calls THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(s.service || ': ', '') || s.operation AS subject_id, NULL AS start_ns,
  NULL AS end_ns, NULL AS gain_ms,
  CASE WHEN s.weight > s.n THEN 0.0 ELSE 0.3 END AS doubt,
  s.service, coalesce(s.service || ': ', '') || s.operation AS operation, s.errors, s.calls,
  100.0 * s.errors / s.calls AS error_pct, s.p50_ns / 1e6 AS p50_ms, s.p99_ns / 1e6 AS p99_ms
FROM stat AS s
WHERE s.calls >= :n AND s.errors >= :w * s.calls
ORDER BY 100.0 * s.errors / s.calls DESC, subject_id
