-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-no-headroom"
version = 1
title = "Budget leaves no reserve"
headline = "{budget} uses {path_ms} of {target_ms}"
severity = "warning"
needs = ["budget"]
rung = 1
summary = "The components on the longest chain of {budget} use {path_ms} of {target_ms}; the working budget is {working_ms}. All of them one after the other are {plain_sum_ms}. Collections, spikes and slow days need a reserve."
cause = "Components were planned up to the target."
checks = [
  "Do parallel components count once, at the longest of them?",
  "At which percentile were the figures taken?",
]
fix = """
1. Reduce the largest component.
2. Let independent ones run side by side.
3. Take one off the path.
4. Agree on another target."""
proof = "The chain is within the working budget."
risk = "Nothing changes in a system."
refuse = "Planning to 100 % because today is calm."
quiet = "Budgets that name what they keep free as a component, and are within the target with it."
related = ["budget-component-over", "budget-off-critical-path"]

[thresholds]
m = { value = 0.8, unit = "share", source = "common guideline: keep 20 % free" }
*/
SELECT CASE WHEN s.with_headroom > s.target_ms THEN 'critical' ELSE 'warning' END AS severity,
  'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns,
  s.with_headroom - max(s.working_ms, s.target_ms * :m) AS gain_ms,
  b.name AS budget, s.path AS path_ms, s.plain_sum AS plain_sum_ms, s.target_ms, s.working_ms,
  s.with_headroom AS with_headroom_ms
FROM budget_sum AS s JOIN budget AS b ON b.id = s.budget_id
WHERE s.basis = 'planned' AND s.path > 0
  AND ((s.headroom = 0 AND s.path > max(s.working_ms, s.target_ms * :m)) OR (s.headroom > 0 AND s.with_headroom > s.target_ms))
ORDER BY gain_ms DESC, b.id
