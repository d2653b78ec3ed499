-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "loadtest-omission"
version = 1
title = "The load generator waited with the system"
headline = "{missing_pct} of the requests of {stalled_ms} stalls were never sent"
severity = "warning"
needs = ["runs"]
rung = 1
summary = "{run}: in {stalls} stalls of {stalled_ms} together {starts} requests began where {expected} were due. A generator that waits for answers leaves out just those that would have met the stall, so the percentiles are too good. {corrected}"
cause = "A closed loop: each user sends its next request after the answer to the last one."
checks = ["Is the loop closed by choice (users that wait), or should requests come by the clock?"]
fix = """
1. An open generator with a fixed rate (wrk2 -R, vegeta, k6 constant-arrival-rate).
2. Until then do not extrapolate P99."""
proof = "At the same rate from an open generator the P99 stays."
risk = "None: the advice changes no system."
refuse = "Quoting the P99 of this run."
quiet = "Open loops, corrected histograms, fewer than 20 requests missing."
related = ["loadtest-gate", "loadtest-not-representative"]
*/
SELECT 'warning' AS severity, 'run' AS subject_kind, v.load_run_id AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  coalesce(v.name, 'load test') AS run, v.stalls, v.stalled_ms, v.starts, CAST(round(v.starts_expected) AS INTEGER) AS expected,
  100.0 * (1 - v.starts / v.starts_expected) AS missing_pct, v.corrected_p99_ms,
  CASE WHEN v.corrected_p99_ms IS NULL THEN ''
    ELSE printf('Put back at the usual distance the P99 is about %.4g ms (estimated), the run says %.4g ms.',
      v.corrected_p99_ms, p.p99_ms) END AS corrected
FROM load_verdict AS v LEFT JOIN load_phase AS p ON p.load_run_id = v.load_run_id AND p.kind = 'whole'
WHERE v.omission = 'suspect'
