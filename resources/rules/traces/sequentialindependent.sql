-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-sequential-independent"
version = 2
title = "Independent calls run one after another"
headline = "{endpoint}: {n} calls run in a row, {saving_ms} could overlap"
severity = "warning"
needs = ["traces"]
rung = 5
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} makes {n} calls without overlap ({calls}): {sum_ms} in a row, {longest_ms} side by side. This assumes that they are independent, which a trace cannot show."
cause = "Each call is awaited before the next one begins."
checks = [
  "Does a later call need the answer of an earlier one?",
  "Can the service behind them take the calls at the same time?",
  "How many connections does one request then take from the pool?",
]
fix = """
1. Issue the calls together and join once.
2. Merge them into one call when they go to the same place.
3. Cache the part that changes rarely."""
proof = "The request is shorter by about the sum minus the longest call."
risk = "More simultaneous calls behind it; the slowest of several answers decides."
refuse = "Adding up the savings of several fixes: they overlap."
quiet = "Calls that need each other's answers (not visible in a trace: check), identical statements (N+1 says that), pauses of 5 ms and more between the calls, savings below a fifth of the request, fewer than 30 % of the traces."
related = ["stmt-n-plus-one", "trace-fan-out-tail"]

[thresholds]
save = { value = 0.2, unit = "share", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
min_ms = { value = 10, unit = "ms", source = "set here: smaller savings are not worth the code" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind,
  coalesce(p.service || ': ', '') || p.parent_operation AS subject_id, p.start_ns, p.end_ns,
  p.saving_p50_ns / 1e6 AS gain_ms,
  coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS endpoint, p.service, p.parent_operation,
  p.traces AS hits, p.examined, p.n_p50 AS n, p.total_p50_ns / 1e6 AS sum_ms, p.longest_p50_ns / 1e6 AS longest_ms,
  p.saving_p50_ns / 1e6 AS saving_ms, p.trace_p50_ns / 1e6 AS total_ms, p.operation AS calls,
  p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p
WHERE p.kind = 'sequential' AND p.traces >= :share * p.examined AND p.saving_p50_ns >= :save * p.trace_p50_ns
  AND p.saving_p50_ns >= :min_ms * 1000000
ORDER BY p.saving_p50_ns DESC, endpoint, p.parent_operation LIMIT 100
