-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-gate"
version = 1
title = "Release exceeds its budget"
headline = "{phase}: {value_ms} of {target_ms}"
severity = "critical"
needs = ["budget", "runs"]
rung = 1
summary = "{phase} of the load test takes {value_ms} at the percentile of {budget}, which allows {target_ms} ({n} requests)."
cause = "The release, or the load."
checks = [
  "Are there enough samples?",
  "Was it the same load as before?",
  "Is the difference more than noise?",
]
fix = """
1. Block it, mend it, or agree on another budget with a reason."""
proof = "The gate passes."
risk = "A release that is held back; overridden with name and date."
refuse = "Raising the budget to make the gate green."
quiet = "Fewer than 1,000 requests in the phase; equal to the budget."
related = ["budget-component-over"]

[thresholds]
n = { value = 1000, unit = "requests", source = "set here" }
k = { value = 1.0, unit = "share", source = "the budget itself" }
*/
SELECT 'critical' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns,
  r.value_ms - b.target_ms AS gain_ms,
  CASE r.part WHEN 'total' THEN 'The whole' ELSE r.name END AS phase, b.name AS budget, r.value_ms, b.target_ms, r.n, r.p50_ms, r.p99_ms
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part IN ('phase', 'total') AND r.n >= :n AND r.value_ms > :k * b.target_ms
ORDER BY r.value_ms DESC, b.id, r.position LIMIT 50
