-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-async-excluded"
version = 1
title = "Background work is outside the budget"
headline = "{component} takes {p50_ms} after the answer"
severity = "info"
needs = ["budget", "traces"]
rung = 0
summary = "{component} of {budget} takes {p50_ms} at the median and nobody waits for it: the user waited {total_ms}. {note}"
cause = "Work that goes on after the answer, or beside it without being waited for."
checks = [
  "Is the kind of the span right?",
]
fix = """
1. Mark it as async in the budget."""
proof = "The budget counts only what is waited for."
risk = "Nothing changes in a system."
refuse = "Optimising work that nobody waits for."
quiet = "Components the request waits for."
related = ["trace-data-quality", "trace-side-work-on-critical-path"]

[thresholds]
off = { value = 0.99, unit = "share", source = "set here" }
n = { value = 5, unit = "requests", source = "set here" }
*/
SELECT CASE WHEN r.kind = 'async' THEN 'good' ELSE 'info' END AS severity,
  'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  r.name AS component, b.name AS budget, r.p50_ms, t.p50_ms AS total_ms,
  CASE WHEN r.kind = 'async' THEN 'The budget leaves it out, rightly.' ELSE 'The budget counts it as if it were waited for.' END AS note,
  r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
  JOIN budget_result AS t ON t.budget_id = b.id AND t.part = 'total'
WHERE r.part = 'component' AND r.n >= :n AND r.share = 0 AND r.off_path >= :off AND r.p50_ms > 0
ORDER BY b.id, r.position
