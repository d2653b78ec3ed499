-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-component-over"
version = 1
title = "Component near or over its budget"
headline = "{component}: {value_ms} of {budget_ms}"
severity = "warning"
needs = ["budget", "traces"]
rung = 3
summary = "{component} of {budget} takes {value_ms} of its {budget_ms} ({used_pct}; P95 {p95_ms}, P99 {p99_ms}, {n} requests). {note}"
cause = "The component, or what it depends on."
checks = [
  "Is it on the critical path?",
  "Since when?",
  "What do the rules of its own kind say?",
]
fix = """
1. Whoever owns it looks at it.
2. Database: the findings about statements and plans. Calls: those about traces."""
proof = "Below 80 % of its budget."
risk = "Nothing changes in a system."
refuse = "Raising the budget silently."
quiet = "Components nobody waits for, and fewer than 200 requests: told as a remark."
related = ["budget-off-critical-path", "budget-no-headroom", "budget-pick-target"]

[thresholds]
w = { value = 0.8, unit = "share", source = "common guideline" }
n = { value = 200, unit = "requests", source = "ten samples beyond the P95" }
*/
SELECT CASE WHEN r.off_path >= 0.95 OR r.n < :n THEN 'info' WHEN r.value_ms > r.budget_ms THEN 'critical' ELSE 'warning' END
    AS severity,
  'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, nullif(max(0, r.value_ms - r.budget_ms), 0) AS gain_ms,
  r.name AS component, b.name AS budget, r.value_ms, r.budget_ms, 100.0 * r.value_ms / r.budget_ms AS used_pct, r.p95_ms,
  r.p99_ms, r.n,
  CASE WHEN r.n < :n THEN 'Few requests: the percentile says little.'
    WHEN r.off_path >= 0.95 THEN 'Nobody waits for it in these requests.'
    WHEN (SELECT t.state FROM budget_result AS t WHERE t.budget_id = b.id AND t.part = 'total') = 'over'
      THEN 'The request is over its target too.'
    ELSE 'The request is still inside its target: this is the early sign.' END AS note,
  r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'component' AND r.budget_ms > 0 AND r.value_ms >= :w * r.budget_ms AND r.kind NOT IN ('async', 'headroom')
ORDER BY r.value_ms - r.budget_ms DESC, b.id, r.position LIMIT 50
