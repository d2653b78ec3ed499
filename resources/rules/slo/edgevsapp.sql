-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "slo-edge-vs-app"
version = 1
title = "The application sees fewer failures than the edge"
headline = "Failed at the edge {edge_pct}, in the application {app_pct}"
severity = "warning"
needs = ["access", "traces"]
rung = 2
summary = "At the edge {edge_pct} of {edge_valid} requests failed (P99 {edge_p99_ms}), in the application {app_pct} of {app_valid} (P99 {app_p99_ms}). {only_edge} failures exist only at the edge: users met them, the application never did."
cause = "Failures of the balancer, of TLS or of a queue never reach the application."
checks = ["502 and 504 by backend.", "The time between the edge and the application's first span."]
fix = """
1. Take the edge as the source of the indicator.
2. Look at what lies between: balancer, TLS, accept queue."""
proof = "The difference is gone."
risk = "None: the advice changes no system."
refuse = "\"All dashboards are green\": they are of the application."
quiet = "Differences below a tenth of a percent, sampled traces, different times."
related = ["slo-error-budget"]

[thresholds]
d = { value = 0.001, unit = "share", source = "set here: 0.1 points" }
f = { value = 1.5, unit = "factor", source = "set here: P99" }
n = { value = 1000, unit = "requests", source = "set here" }
*/
SELECT 'warning' AS severity, 'service_level' AS subject_kind, 'access_log' AS subject_id, e.first_ns AS start_ns,
  e.last_ns AS end_ns, NULL AS gain_ms, 100.0 * e.bad / e.valid AS edge_pct, 100.0 * a.bad / a.valid AS app_pct,
  e.valid AS edge_valid, a.valid AS app_valid, e.p99_ms AS edge_p99_ms, a.p99_ms AS app_p99_ms,
  max(0, e.bad - a.bad) AS only_edge
FROM slo_level AS e JOIN slo_level AS a ON a.run_id = e.run_id AND a.origin = 'trace' AND a.subject_kind = 'all'
WHERE e.origin = 'access_log' AND e.subject_kind = 'all' AND e.valid >= :n AND a.valid >= :n AND a.is_weighted = 0
  AND e.first_ns < a.last_ns AND a.first_ns < e.last_ns
  AND (1.0 * e.bad / e.valid - 1.0 * a.bad / a.valid >= :d OR e.p99_ms >= :f * a.p99_ms)
