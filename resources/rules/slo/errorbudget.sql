-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "slo-error-budget"
version = 1
title = "The error budget is burning"
headline = "{bad} of {valid} failed, {allowed} are allowed at {objective}"
severity = "critical"
needs = ["lat"]
rung = 2
summary = "{bad} of {valid} requests failed ({good_pct} good). At {objective} the budget is {allowed}: {verdict} {burn}{doubt}"
cause = "See the failures by cause."
checks = [
  "Is it measured where the users are: at the edge, not in the application?",
  "One cause or many? (Service Levels, failures by cause)",
  "Is there a deploy, a flag or a change of configuration just before the first alert?",
]
fix = """
1. Stop risky deploys while the budget is spent.
2. The largest cause first."""
proof = "The burn stays below 1, and the failures of a day below the budget of a day."
risk = "Slower releases until the budget is back."
refuse = "\"99.94 % is fine\", without the counts behind it."
quiet = "Fewer than 1,000 requests; planned maintenance where the definition leaves it out."
related = ["slo-failure-pareto", "slo-users-hurt", "slo-edge-vs-app"]

[thresholds]
n = { value = 1000, unit = "requests", source = "set here" }
w = { value = 14.4, unit = "burn", source = "2 % of a 30-day budget in an hour" }
*/
WITH fast AS (
  SELECT b.origin, max(b.worst) AS worst, min(b.first_fired_ns) AS fired_ns, max(b.last_fired_ns) AS last_ns
  FROM slo_burn AS b WHERE b.is_chosen = 1 AND b.long_s = 3600 AND b.worst >= :w GROUP BY b.origin
)
SELECT CASE WHEN l.bad > l.allowed AND l.is_stated = 1 AND l.is_weighted = 0 THEN 'critical' ELSE 'warning' END AS severity,
  'service_level' AS subject_kind, l.origin AS subject_id, coalesce(f.fired_ns, l.first_ns) AS start_ns,
  coalesce(f.last_ns, l.last_ns) AS end_ns, NULL AS gain_ms,
  l.bad, l.valid, CAST(round(l.allowed) AS INTEGER) AS allowed, l.objective, 100.0 * l.good_share AS good_pct,
  CAST(round(abs(l.left_over)) AS INTEGER) AS difference, l.spent AS spent_x, f.worst AS burn_x, l.origin AS measured_at,
  CASE WHEN l.bad > l.allowed THEN printf('%,d too many.', round(-l.left_over))
    ELSE printf('%,d are left.', CAST(l.left_over AS INTEGER)) END AS verdict,
  CASE WHEN f.fired_ns IS NULL THEN ''
    ELSE printf('In an hour and in five minutes at once the budget burned up to %.1f times as fast as it may.', f.worst)
    END AS burn,
  CASE WHEN l.is_stated = 0 THEN ' Nobody stated an objective: this is against the default.' ELSE '' END
    || CASE WHEN l.is_weighted = 1 THEN ' The counts are estimates from sampled traces.' ELSE '' END AS doubt
FROM slo_level AS l LEFT JOIN fast AS f ON f.origin = l.origin
WHERE l.is_chosen = 1 AND l.subject_kind = 'all' AND l.valid >= :n AND (l.bad > l.allowed OR f.fired_ns IS NOT NULL)
