-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "baseline-card-missing"
version = 1
title = "No baseline, no verdict"
headline = "Normal values are not known: {missing}"
severity = "info"
needs = ["lat", "series", "pool"]
rung = 1
summary = "Unknown of normal times: {missing}. Without normal values every number looks like a cause."
cause = "Nothing was measured in normal times."
checks = ["Import or sample the five figures: P50, P99, throughput, share of errors, use of the pools."]
fix = """
1. Record one quiet and one busy hour first."""
proof = "The five figures are known."
risk = "None: the advice changes no system."
refuse = "Guessing."
quiet = "All five are known."
related = ["slo-error-budget"]

[thresholds]
n = { value = 1000, unit = "requests", source = "samples that a P99 needs for a verdict" }
*/
WITH known AS (
  SELECT (SELECT max(l.n) FROM slo_level AS l WHERE l.subject_kind = 'all') AS timed,
    (SELECT max(l.valid) FROM slo_level AS l WHERE l.subject_kind = 'all') AS requests,
    (SELECT count(*) FROM pool_sample AS p WHERE p.capacity > 0 AND p.active IS NOT NULL) AS pools
), words AS (
  SELECT CASE WHEN coalesce(k.timed, 0) < 20 THEN ', P50' ELSE '' END
    || CASE WHEN coalesce(k.timed, 0) < :n THEN ', P99' ELSE '' END
    || CASE WHEN coalesce(k.requests, 0) = 0 THEN ', throughput, share of errors' ELSE '' END
    || CASE WHEN k.pools = 0 THEN ', use of the pools' ELSE '' END AS missing FROM known AS k
)
SELECT 'info' AS severity, 'workspace' AS subject_kind, 'baseline' AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms, substr(w.missing, 3) AS missing
FROM words AS w WHERE w.missing <> ''
