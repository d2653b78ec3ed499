-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-n-plus-one"
version = 2
title = "One query for the list, one more for every row"
headline = "{endpoint}: {n} times {call} below {parent_operation}"
severity = "critical"
needs = ["traces"]
rung = 5
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} makes {n} calls of {call} one after another, {sum_ms} together ({detail}). Batched it is one call: {after_ms} instead of {before_ms} with the query for the list; one join would take {join_ms}."
cause = "Lazy loading in a loop, a resolver per item, or a join in the application."
checks = [
  "Does the value come from the rows of the first query?",
  "Calls of a database and of another service count alike: which is it here?",
  "How does the number grow with the size of the answer? (slope_ms: time of one more call, where answers of different size were seen)",
]
fix = """
1. Load what belongs together at once: WHERE <foreign key> = ANY(<ids>) gives two queries.
2. Or one query with a join.
3. A batch loader where the code asks per item.
4. Cap the page size."""
proof = "The number of calls per request stays the same for any size of the answer."
risk = "One larger result; a join over two lists multiplies the rows."
refuse = "More connections, a cache or a replica for it."
quiet = "Fewer than 10 calls, calls that overlap (a deliberate batch), a loop over hosts, repeats of one identical call (a cache question), fewer than 30 % of the traces."
related = ["trace-sequential-independent", "trace-chatty-cache", "trace-repeated-lookup"]

[thresholds]
n_w = { value = 10, unit = "calls", source = "set here; a second guideline says 5" }
n_c = { value = 100, unit = "calls", source = "common guideline" }
t_c = { value = 200, unit = "ms", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
*/
SELECT CASE WHEN p.n_p50 >= :n_c OR p.total_p50_ns >= :t_c * 1000000 THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(p.service || ': ', '') || p.parent_operation AS subject_id, p.start_ns, p.end_ns,
  p.saving_p50_ns / 1e6 AS gain_ms,
  coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS endpoint, p.service, p.parent_operation,
  p.operation AS call, p.n_p50 AS n, p.n_max AS most, p.traces AS hits, p.examined, p.total_p50_ns / 1e6 AS sum_ms,
  (p.total_p50_ns + coalesce(p.lead_p50_ns, 0)) / 1e6 AS before_ms,
  (p.total_p50_ns + coalesce(p.lead_p50_ns, 0) - p.saving_p50_ns) / 1e6 AS after_ms,
  (p.total_p50_ns - p.saving_p50_ns) / 1e6 AS join_ms,
  p.trace_p50_ns / 1e6 AS total_ms, p.slope_ns / 1e6 AS slope_ms, p.fingerprint, p.detail,
  p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p
WHERE p.kind = 'n_plus_one' AND p.n_p50 >= :n_w AND p.traces >= :share * p.examined
ORDER BY p.total_p50_ns DESC, endpoint, p.operation LIMIT 100
