-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-only-end-to-end"
version = 1
title = "Only the total is watched"
headline = "Components cover {covered_pct} of {budget}"
severity = "info"
needs = ["budget", "traces"]
rung = 1
summary = "The components of {budget} cover {covered_pct} of the time of its requests; {rest_ms} of the median are in none of them. The total will tell that it broke, not where."
cause = "Missing spans, or components without a pattern."
checks = [
  "Where does the time lie that no span accounts for?",
]
fix = """
1. A span for each component, a budget from its P95."""
proof = "The components cover at least three quarters."
risk = "Nothing changes in a system."
refuse = "Guessing the component."
quiet = "Three quarters or more are covered."
related = ["trace-unaccounted-gap"]

[thresholds]
c = { value = 0.75, unit = "share", source = "set here" }
*/
SELECT 'info' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  b.name AS budget, 100.0 * (1 - r.share) AS covered_pct, r.p50_ms AS rest_ms, r.n, r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'unaccounted' AND r.n > 0 AND 1 - r.share < :c
ORDER BY b.id
