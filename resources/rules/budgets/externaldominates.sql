-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "budget-external-dominates"
version = 1
title = "One external call eats the budget"
headline = "{component} takes {p95_ms} of {target_ms}"
severity = "warning"
needs = ["budget", "traces"]
rung = 4
summary = "{component}, which is somebody else, takes {p95_ms} at P95 of the {target_ms} of {budget} ({share_pct}) and leaves {rest_ms} for everything else. A larger target is not the answer."
cause = "A dependency inside the path."
checks = [
  "Is its answer needed before the request is answered?",
]
fix = """
1. Ask earlier, for example when the cart is opened.
2. A limit with a fallback.
3. Confirm later, off the path."""
proof = "It is no longer on the critical path."
risk = "An answer as old as it may be kept; undo when time-outs pass 2 %."
refuse = "A larger target."
quiet = "Less than half of the target; calls that nobody waits for."
related = ["trace-external-call-dominates", "budget-infeasible-floor"]

[thresholds]
w = { value = 0.5, unit = "share", source = "set here" }
c = { value = 0.8, unit = "share", source = "set here" }
*/
SELECT CASE WHEN r.p95_ms >= :c * b.target_ms THEN 'critical' ELSE 'warning' END AS severity,
  'budget' AS subject_kind, b.id AS subject_id, NULL AS start_ns, NULL AS end_ns, r.path_p50_ms AS gain_ms,
  r.name AS component, b.name AS budget, r.p95_ms, b.target_ms, 100.0 * r.p95_ms / b.target_ms AS share_pct,
  max(0, b.target_ms - r.p95_ms) AS rest_ms, r.n, r.example_trace_id
FROM budget_result AS r JOIN budget AS b ON b.id = r.budget_id
WHERE r.part = 'component' AND r.kind = 'external' AND r.n > 0 AND r.p95_ms >= :w * b.target_ms
  AND coalesce(r.off_path, 0) < 0.5
ORDER BY r.p95_ms DESC, b.id, r.position
