-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-off-critical-path"
version = 1
title = "Slow, but nobody waits for it"
headline = "{component} is not what the request waits for"
severity = "info"
needs = ["budget", "traces"]
rung = 1
summary = "{component} of {budget} takes {value_ms} of its {budget_ms}, beside work that takes longer: {reason}. Making it faster changes nothing for the user."
cause = "It runs beside something longer."
checks = [
  "Is the path another one in the slowest requests?",
  "What becomes critical next?",
]
fix = """
1. Work on what is on the path instead."""
proof = "The duration of the requests does not change when they are run again without it."
risk = "Nothing changes in a system."
refuse = "Adding this gain to others."
quiet = "Components that would extend the path by what they are over their budget."
related = ["budget-component-over", "budget-pick-target"]

[thresholds]
ms = { value = 5, unit = "ms", source = "set here" }
off = { value = 0.95, unit = "share", source = "set here" }
*/
SELECT 'info' AS severity, 'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, 0 AS gain_ms,
  r.name AS component, b.name AS budget, r.value_ms, r.budget_ms, r.slack_ms,
  CASE WHEN r.off_path >= :off THEN 'in ' || printf('%.0f %%', 100.0 * r.off_path) || ' of its requests none of it is on the critical path'
    ELSE 'its parallel group takes ' || printf('%.0f ms', r.slack_ms) || ' longer' END AS reason, r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'component' AND r.value_ms > r.budget_ms AND r.kind NOT IN ('async', 'headroom')
  AND (r.off_path >= :off OR r.slack_ms >= r.value_ms - r.budget_ms + :ms)
ORDER BY b.id, r.position
