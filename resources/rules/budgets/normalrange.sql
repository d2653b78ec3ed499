-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-normal-range"
version = 1
title = "Component outside its usual range"
headline = "{component}: {p95_ms}, usually {typical_ms} at most"
severity = "info"
needs = ["budget", "traces"]
rung = 1
summary = "{component} takes {p95_ms} at P95; its kind ({kind}) usually takes up to {typical_ms}, in the worst case {worst_ms}."
cause = "See the findings about its kind."
checks = [
  "Was the kind chosen right?",
]
fix = """
1. What the findings about its kind say."""
proof = "Inside the range."
risk = "Nothing changes in a system."
refuse = "Taking reference figures as targets of a measured system."
quiet = "Components with a budget of their own."
related = ["budget-component-over"]

[thresholds]
n = { value = 20, unit = "requests", source = "set here" }
*/
WITH usual (kind, typical_ms, worst_ms) AS (
  VALUES ('routing', 5.0, 50.0), ('cache', 2.0, 10.0), ('database', 10.0, 100.0), ('external', 500.0, 30000.0),
    ('serialization', 5.0, 50.0)
)
SELECT CASE WHEN r.p95_ms > u.worst_ms THEN 'warning' ELSE 'info' END AS severity,
  'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  r.name AS component, r.kind, r.p95_ms, u.typical_ms, u.worst_ms, r.n, r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id JOIN usual AS u ON u.kind = r.kind
WHERE r.part = 'component' AND r.budget_ms IS NULL AND r.n >= :n AND r.p95_ms > u.typical_ms
ORDER BY b.id, r.position
