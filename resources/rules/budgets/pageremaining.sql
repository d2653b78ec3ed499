-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-page-remaining"
version = 1
title = "An early child used up the time of the page"
headline = "{component} begins with {left_ms} left"
severity = "warning"
needs = ["budget", "traces"]
rung = 4
summary = "{component} of {budget} begins when {left_ms} of {target_ms} are left and usually takes {p50_ms}; {earlier} before it takes {earlier_ms}."
cause = "Calls that follow each other without a common deadline."
checks = [
  "Is a deadline passed on?",
  "Is a part of the answer of use?",
]
fix = """
1. A deadline for the whole, passed on.
2. Answer with what is there.
3. Side by side."""
proof = "No call begins with less left than it takes."
risk = "Partial pages."
refuse = "A longer limit for the page."
quiet = "Components of a parallel group, components nobody waits for, requests inside their target."
related = ["trace-sequential-independent", "trace-retry-after-deadline"]

[thresholds]
n = { value = 1, unit = "requests", source = "set here" }
*/
WITH parts AS MATERIALIZED (
  SELECT r.budget_id, r.position, r.name, r.p50_ms, c.parallel_group, r.example_trace_id,
    coalesce(sum(r.p50_ms) OVER (PARTITION BY r.budget_id ORDER BY r.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
      AS before_ms
  FROM budget_result AS r JOIN budget_component AS c ON c.budget_id = r.budget_id AND c.position = r.position
  WHERE r.part = 'component' AND r.n >= :n AND r.p50_ms > 0 AND r.kind NOT IN ('async', 'headroom')
    AND c.parallel_group IS NULL
), late AS MATERIALIZED (
  SELECT p.*, b.name AS budget, b.target_ms, row_number() OVER (PARTITION BY p.budget_id ORDER BY p.position) AS rank
  FROM parts AS p JOIN budget AS b ON b.id = p.budget_id
  WHERE p.before_ms > 0 AND b.target_ms - p.before_ms < p.p50_ms
    AND EXISTS (SELECT 1 FROM budget_result AS t WHERE t.budget_id = p.budget_id AND t.part = 'total' AND t.state = 'over')
)
SELECT CASE WHEN l.before_ms >= l.target_ms THEN 'critical' ELSE 'warning' END AS severity,
  'budget' AS subject_kind, l.budget_id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  l.name AS component, l.budget, l.target_ms, max(0, l.target_ms - l.before_ms) AS left_ms, l.p50_ms,
  (SELECT f.name FROM parts AS f WHERE f.budget_id = l.budget_id AND f.position < l.position ORDER BY f.p50_ms DESC LIMIT 1) AS earlier,
  (SELECT max(f.p50_ms) FROM parts AS f WHERE f.budget_id = l.budget_id AND f.position < l.position) AS earlier_ms,
  l.example_trace_id
FROM late AS l WHERE l.rank = 1
ORDER BY l.budget_id
