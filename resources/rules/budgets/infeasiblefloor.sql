-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-infeasible-floor"
version = 1
title = "Target is below the physical floor"
headline = "At least {floor_ms}, {target_ms} wanted"
severity = "critical"
needs = ["budget"]
uses = ["traces"]
rung = 7
summary = "{what} {floor_ms} of the {target_ms} of {budget}: {verdict}"
cause = "Distance and calls that follow each other."
checks = [
  "Which of the calls can run side by side, be answered from a cache, leave the path or come nearer?",
  "Are the least times of the budget right?",
]
fix = """
1. Restructure: ask earlier, beside other work, or after the answer.
2. Agree on another target."""
proof = "The floor is below 80 % of the target."
risk = "Nothing changes in a system."
refuse = "Faster code."
quiet = "Calls of one parallel group count once; budgets without least times and without a dominating external call."
related = ["budget-external-dominates", "trace-sequential-independent"]

[thresholds]
m = { value = 0.8, unit = "share", source = "common guideline: the working budget" }
*/
WITH told AS (
  SELECT r.budget_id, r.floor_ms, 'The calls that follow each other need at least' AS what,
    'it cannot be reached by tuning, whatever the code does.' AS verdict, NULL AS trace_id
  FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
  WHERE r.part = 'total' AND r.floor_ms > b.target_ms
  UNION ALL
  SELECT r.budget_id, r.p95_ms, r.name || ' alone takes at P95', 'within a request that waits for it, the target cannot be kept.',
    r.example_trace_id
  FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
  WHERE r.part = 'component' AND r.kind = 'external' AND r.p95_ms > b.target_ms * :m AND coalesce(r.off_path, 0) < 0.5
  UNION ALL
  SELECT r.budget_id, r.floor_ms, r.name || ' alone needs at least', 'within a request that waits for it, the target cannot be kept.', NULL
  FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
  WHERE r.part = 'component' AND r.kind = 'external' AND r.floor_ms > b.target_ms * :m AND r.p95_ms IS NULL
    AND NOT EXISTS (SELECT 1 FROM budget_result AS t WHERE t.budget_id = b.id AND t.part = 'total' AND t.floor_ms > b.target_ms)
)
SELECT 'critical' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns,
  t.floor_ms - b.target_ms * :m AS gain_ms, b.name AS budget, t.floor_ms, b.target_ms, t.what, t.verdict,
  t.trace_id AS example_trace_id
FROM told AS t JOIN budget AS b ON b.id = t.budget_id
ORDER BY gain_ms DESC, b.id
