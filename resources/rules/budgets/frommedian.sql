-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-from-median"
version = 1
title = "Budget was set from the median"
headline = "{component}: median {p50_ms}, budget {budget_ms}, P95 {p95_ms}"
severity = "warning"
needs = ["budget", "traces"]
rung = 1
summary = "{component} of {budget} may take {budget_ms}; its median is {p50_ms}, its P95 {p95_ms}, its P99 {p99_ms}. The budget fails in every twentieth request, as long as nothing is wrong."
cause = "The wrong percentile."
checks = [
  "Are these usual times?",
]
fix = """
1. Take the P95 or the P99."""
proof = "Fewer than 5 % of the requests are over it."
risk = "A larger budget."
refuse = "The mean."
quiet = "A P95 inside the budget; a median over it (then it is slow, not badly planned)."
related = ["budget-component-over"]

[thresholds]
x = { value = 1.5, unit = "factor", source = "set here" }
n = { value = 200, unit = "requests", source = "ten samples beyond the P95" }
*/
SELECT 'warning' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  r.name AS component, b.name AS budget, r.p50_ms, r.p95_ms, r.p99_ms, r.budget_ms, r.n
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'component' AND r.n >= :n AND r.p50_ms <= r.budget_ms AND r.budget_ms <= :x * r.p50_ms
  AND r.p95_ms > r.budget_ms
ORDER BY b.id, r.position LIMIT 50
