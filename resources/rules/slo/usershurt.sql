-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "slo-users-hurt"
version = 1
title = "How many requests the tail is"
headline = "{over_p99} requests slower than {p99_ms}, {per_day} a day"
severity = "info"
needs = ["lat"]
rung = 1
summary = "{over_p99} of {n} requests are slower than the P99 of {p99_ms}: {per_minute} a minute, {per_hour} an hour, {per_day} a day at this rate. {verdict}"
cause = "Compliance is measured at one percentile only."
checks = ["Are they the same users again and again?", "Which operations? (Service Levels, by operation)"]
fix = """
1. Judge P99 beside P95, each with its count.
2. The rules on the tail name the cause."""
proof = "The count a day falls."
risk = "None: the advice changes no system."
refuse = "Reporting compliance at P95 alone."
quiet = "Fewer than 1,000 requests."
related = ["slo-error-budget"]

[thresholds]
n = { value = 1000, unit = "requests", source = "set here" }
x = { value = 2, unit = "factor", source = "set here: P99 over the limit while P95 is inside" }
*/
SELECT CASE WHEN l.limit_ms IS NOT NULL AND l.p95_ms <= l.limit_ms AND l.p99_ms >= :x * l.limit_ms THEN 'warning'
    ELSE 'info' END AS severity,
  'service_level' AS subject_kind, l.origin AS subject_id, l.first_ns AS start_ns, l.last_ns AS end_ns, NULL AS gain_ms,
  l.over_p99, l.n, l.p95_ms, l.p99_ms, l.limit_ms, CAST(round(l.per_second * 0.01 * 60) AS INTEGER) AS per_minute,
  CAST(round(l.per_second * 0.01 * 3600) AS INTEGER) AS per_hour,
  CAST(round(l.per_second * 0.01 * 86400) AS INTEGER) AS per_day,
  CASE WHEN l.limit_ms IS NULL THEN 'There is no limit to judge them by.'
    WHEN l.p95_ms <= l.limit_ms AND l.p99_ms >= :x * l.limit_ms
      THEN printf('The P95 of %.4g ms is inside the limit of %.4g ms, the P99 is %.1f times the limit.', l.p95_ms,
        l.limit_ms, l.p99_ms / l.limit_ms)
    WHEN l.p95_ms <= l.limit_ms THEN printf('The P95 of %.4g ms is inside the limit of %.4g ms.', l.p95_ms, l.limit_ms)
    ELSE printf('The P95 of %.4g ms is over the limit of %.4g ms.', l.p95_ms, l.limit_ms) END AS verdict
FROM slo_level AS l
WHERE l.is_chosen = 1 AND l.subject_kind = 'all' AND l.n >= :n AND l.p99_ms IS NOT NULL AND l.per_second > 0
  AND (l.is_stated = 1 OR l.limit_ms IS NOT NULL)
