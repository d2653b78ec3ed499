-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "host-cpu-bound"
version = 1
title = "Processors are the limit"
headline = "{cpu}: {busy_pct} busy while {latency} is slow"
severity = "warning"
needs = ["host"]
rung = 5
summary = "While {latency} stood at {slow_ms} instead of {usual_ms} ({bins} bins), {cpu} was at {busy_pct}, otherwise {usual_pct}. The time is spent computing; only a profile says where."
cause = "A hot path, serialisation, cryptography."
checks = ["User or system time?", "A flame graph of the slow time.", "One instance or all of them?", "Steal and quota excluded?"]
fix = """
1. The hottest function of a profile.
2. Another algorithm, a cache by content.
3. More capacity."""
proof = "Processor time per request falls."
risk = "A change of hot code."
refuse = "Advice without a profile."
quiet = "Latency that is not touched, hosts of batch work, a container that is stopped by its quota."
related = ["host-io-bound", "cpu-throttled", "profile-hot-function"]

[thresholds]
w = { value = 0.7, unit = "share", source = "common guideline" }
c = { value = 0.8, unit = "share", source = "common guideline" }
*/
SELECT CASE WHEN v.cpu_slow >= :c THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  v.series_id AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  v.subject AS cpu, 100.0 * v.cpu_slow AS busy_pct, 100.0 * v.cpu_usual AS usual_pct, v.latency,
  v.latency_slow_ms AS slow_ms, v.latency_usual_ms AS usual_ms, v.slow_bins AS bins
FROM cpu_verdict AS v
WHERE v.cpu_slow >= :w AND NOT EXISTS (SELECT 1 FROM cpu_throttle AS t WHERE t.service IS v.service AND t.worst_share >= 0.05)
ORDER BY v.cpu_slow DESC, v.series_id LIMIT 20
