-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-repeated-lookup"
version = 1
title = "The same question is asked again and again"
headline = "{endpoint}: {call} {n} times with the same values"
severity = "warning"
needs = ["traces"]
rung = 2
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} asks {call} {n} times with the same values: {sum_ms}, of which one answer would do ({longest_ms})."
cause = "No memory within the request: each part of the code asks for itself."
checks = [
  "May the answer change within one request?",
  "Which parts of the code ask? Their spans are the siblings in the example.",
]
fix = """
1. Ask once and pass the answer on.
2. Keep answers for the length of the request.
3. A shared cache, where the data allow it to be a little old."""
proof = "One call of this kind per request."
risk = "A kept answer can be older than the data."
refuse = "Batching: there is only one question."
quiet = "Fewer than 3 repeats, different values, less than 5 ms to win, fewer than 30 % of the traces."
related = ["stmt-n-plus-one", "trace-chatty-cache"]

[thresholds]
n = { value = 3, unit = "calls", source = "set here" }
save = { value = 5, unit = "ms", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind,
  coalesce(p.service || ': ', '') || p.parent_operation AS subject_id, p.start_ns, p.end_ns,
  p.saving_p50_ns / 1e6 AS gain_ms,
  coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS endpoint, p.service, p.parent_operation,
  p.operation AS call, p.n_p50 AS n, p.traces AS hits, p.examined, p.total_p50_ns / 1e6 AS sum_ms,
  p.longest_p50_ns / 1e6 AS longest_ms, p.fingerprint, p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p
WHERE p.kind = 'repeated_lookup' AND p.n_p50 >= :n AND p.saving_p50_ns >= :save * 1000000
  AND p.traces >= :share * p.examined
ORDER BY p.saving_p50_ns DESC, endpoint, p.operation LIMIT 100
