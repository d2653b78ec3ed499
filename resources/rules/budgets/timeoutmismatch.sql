-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-timeout-mismatch"
version = 1
title = "Limit and budget do not belong together"
headline = "{component}: {verdict}"
severity = "warning"
needs = ["budget"]
uses = ["traces", "config"]
rung = 2
summary = "{component} of {budget} may take {budget_ms}; {verdict}. A limit of 1.2 to 1.33 times the budget fits: about {suggested_ms}."
cause = "They were set apart."
checks = [
  "What is the P99 of the call?",
  "Who retries when the limit ends a call?",
]
fix = """
1. Set the limit to the budget and 20 to 33 %."""
proof = "No span takes longer than the limit."
risk = "Calls that end in a time-out; undo above 2 %."
refuse = "One limit for all calls."
quiet = "Components without a budget; parts that are no calls."
related = ["budget-component-over"]

[thresholds]
up = { value = 1.2, unit = "factor", source = "common guideline" }
*/
SELECT 'warning' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  r.name AS component, b.name AS budget, r.budget_ms, r.timeout_ms, r.timeout_from, r.p99_ms, r.over_timeout,
  r.budget_ms * :up AS suggested_ms,
  CASE r.timeout_state WHEN 'missing' THEN 'no limit is known for this call'
    WHEN 'zero' THEN 'its limit is 0: it waits for ever'
    WHEN 'library_default' THEN 'its limit is the 30 s of a library'
    WHEN 'below_budget' THEN 'its limit of ' || printf('%g ms', r.timeout_ms) || ' is shorter than that'
    WHEN 'below_p99' THEN 'its limit of ' || printf('%g ms', r.timeout_ms) || ' ends calls that would have been answered'
    WHEN 'over_target' THEN 'its limit of ' || printf('%g ms', r.timeout_ms) || ' is longer than the whole request may take'
    ELSE 'its limit of ' || printf('%g ms', r.timeout_ms) || ' lets one slow call use several budgets' END AS verdict
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'component' AND r.budget_ms > 0
  AND r.timeout_state IN ('missing', 'zero', 'library_default', 'below_budget', 'below_p99', 'over_target', 'loose')
ORDER BY b.id, r.position LIMIT 50
