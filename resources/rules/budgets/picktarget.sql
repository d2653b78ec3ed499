-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-pick-target"
version = 1
title = "Which component to work on"
headline = "{component} first: {path_ms} on the path"
severity = "info"
needs = ["budget", "traces"]
rung = 1
summary = "{n_over} components of {budget} are over their budget. {component} has the most of the path: {path_ms} at the median, {excess_ms} over its budget. {other}"
cause = "Several components are over their budget."
checks = [
  "What do the requests take when they are run again with the gain?",
]
fix = """
1. The largest component on the path with the cheapest remedy."""
proof = "The gain that was predicted is measured."
risk = "Nothing changes in a system."
refuse = "Adding up gains."
quiet = "Fewer than two components over their budget; less than 10 ms on the path."
related = ["budget-off-critical-path", "budget-component-over"]

[thresholds]
ms = { value = 10, unit = "ms", source = "common guideline" }
*/
WITH broken AS MATERIALIZED (
  SELECT r.*, row_number() OVER (PARTITION BY r.budget_id ORDER BY r.path_p50_ms DESC, r.position) AS rank,
    count(*) OVER (PARTITION BY r.budget_id) AS n_over
  FROM budget_result AS r
  WHERE r.part = 'component' AND r.state = 'over' AND r.kind NOT IN ('async', 'headroom') AND r.path_p50_ms IS NOT NULL
)
SELECT 'info' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns,
  o.path_p50_ms AS gain_ms, o.name AS component, b.name AS budget, o.n_over, o.path_p50_ms AS path_ms,
  o.value_ms - o.budget_ms AS excess_ms,
  coalesce((SELECT 'Next comes ' || p.name || ' with ' || printf('%.0f ms', p.path_p50_ms) || '.' FROM broken AS p
    WHERE p.budget_id = o.budget_id AND p.rank = 2), '') AS other, o.example_trace_id
FROM broken AS o JOIN budget AS b ON b.id = o.budget_id
WHERE o.rank = 1 AND o.n_over >= 2 AND o.path_p50_ms >= :ms
ORDER BY b.id
