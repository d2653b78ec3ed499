-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "slo-failure-pareto"
version = 1
title = "One cause makes most failures"
headline = "{category}: {failures} of {bad} failures ({share_pct})"
severity = "info"
needs = ["lat"]
rung = 2
summary = "{failures} of {bad} failures ({share_pct}) are of one cause: {category}, most of them {detail} ({detail_failures}). Without that part {after} would be left, {allowed} are allowed: {verdict}"
cause = "The largest category."
checks = [
  "Are the causes told apart well? More than a tenth without a cause must be looked at first.",
  "Would the target be met? The count that is left says so, not the share that goes away.",
]
fix = """
1. The largest cause first.
2. Count again: the next one may be needed too."""
proof = "The count of failures against the budget."
risk = "None: the advice changes no system."
refuse = "Fixing the easiest category first."
quiet = "Fewer than 100 failures, or none of the causes large."
related = ["slo-error-budget"]

[thresholds]
n = { value = 100, unit = "failures", source = "set here" }
s = { value = 0.4, unit = "share", source = "set here: time-outs usually make 40 to 50 %" }
*/
SELECT CASE WHEN l.bad > l.allowed THEN 'warning' ELSE 'info' END AS severity, 'service_level' AS subject_kind,
  c.origin AS subject_id, l.first_ns AS start_ns, l.last_ns AS end_ns, NULL AS gain_ms,
  c.category, coalesce(c.detail, c.category) AS detail, c.failures, c.detail_failures, l.bad, 100.0 * c.share AS share_pct,
  l.bad - c.detail_failures AS after, CAST(round(l.allowed) AS INTEGER) AS allowed,
  CASE WHEN l.bad <= l.allowed THEN 'the objective is met as it is.'
    WHEN l.bad - c.detail_failures <= l.allowed THEN 'fixing it would be enough.'
    ELSE printf('fixing it is not enough, %,d would still be too many.',
      CAST(round(l.bad - c.detail_failures - l.allowed) AS INTEGER)) END AS verdict,
  coalesce((SELECT 100.0 * o.share FROM slo_cause AS o WHERE o.is_chosen = 1 AND o.category = 'other'), 0) AS untold_pct
FROM slo_cause AS c JOIN slo_level AS l ON l.origin = c.origin AND l.is_chosen = 1 AND l.subject_kind = 'all'
WHERE c.is_chosen = 1 AND l.bad >= :n AND c.share >= :s AND c.category <> 'other'
ORDER BY c.failures DESC LIMIT 1
