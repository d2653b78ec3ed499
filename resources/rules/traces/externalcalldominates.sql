-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-external-call-dominates"
version = 1
title = "One external service decides the response time"
headline = "{host} takes {share_pct} of {endpoint}"
severity = "warning"
needs = ["traces"]
rung = 4
summary = "In {traces} of {examined} examined traces of {endpoint}, calls of {host} take {time_ms} of {request_ms} ({share_pct}); P95 of one call is {call_p95_ms}. Its tail is the tail of the request."
cause = "A call of somebody else inside the request."
checks = [
  "Is the answer needed before the request is answered?",
  "May it be kept for a while?",
  "Is there a limit, and what happens then?",
]
fix = """
1. Ask earlier, beside other work.
2. Keep the answer.
3. A limit with a fallback.
4. Take the call off the request."""
proof = "Its share, and the P99 of the request."
risk = "Readers may see an answer as old as it may be kept."
refuse = "More retries; a larger target."
quiet = "Less than half of the request and a P95 below 500 ms, requests below 20 ms, databases, services with spans of their own, fewer than 20 traces."
related = ["trace-external-call-in-transaction", "trace-connection-setup"]

[thresholds]
share = { value = 0.5, unit = "share", source = "set here" }
p95 = { value = 500, unit = "ms", source = "common guideline" }
ms = { value = 20, unit = "ms", source = "set here" }
n = { value = 20, unit = "traces", source = "set here" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind,
  coalesce(s.endpoint_service || ': ', '') || s.endpoint_operation AS subject_id, NULL AS start_ns, NULL AS end_ns,
  s.time_p50_ns / 1e6 AS gain_ms,
  coalesce(s.endpoint_service || ': ', '') || s.endpoint_operation AS endpoint, s.name AS host, s.traces, s.examined,
  100.0 * s.share AS share_pct, s.time_p50_ns / 1e6 AS time_ms, s.request_p50_ns / 1e6 AS request_ms,
  s.call_p95_ns / 1e6 AS call_p95_ms, s.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = s.example_trace_id) AS example_span_id
FROM endpoint_share AS s
WHERE s.kind = 'external' AND (s.share >= :share OR s.call_p95_ns >= :p95 * 1000000)
  AND s.request_p50_ns >= :ms * 1000000 AND s.traces >= :n AND 2 * s.traces >= s.examined
ORDER BY s.time_p50_ns DESC, endpoint, s.name LIMIT 50
