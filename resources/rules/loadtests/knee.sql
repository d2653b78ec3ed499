-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "loadtest-knee"
version = 1
title = "More load gives no more throughput"
headline = "Throughput ends at {knee} users ({peak} a second)"
severity = "info"
needs = ["runs"]
rung = 2
summary = "{run}: from {knee} users on the throughput does not rise any more (peak {peak} a second at {peak_users}); at the last level it is {last_pct} of the peak. {law}"
cause = "One resource is full; what comes more only waits."
checks = ["Which resource is full at the knee? (Resources, Pools)"]
fix = """
1. Limit what is admitted at the knee; more in parallel costs all of them.
2. Then the resource itself."""
proof = "The knee moves, or the throughput stays flat behind it instead of falling."
risk = "Refused requests above the limit."
refuse = "More users, threads or connections."
quiet = "Fewer than four levels; the last level is the peak."
related = ["loadtest-gate", "pool-throughput-knee"]
*/
SELECT CASE WHEN v.is_collapse = 1 THEN 'warning' ELSE 'info' END AS severity, 'run' AS subject_kind,
  v.load_run_id AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.name, 'load test') AS run,
  v.knee_users AS knee, v.peak_users, v.peak_per_second AS peak, 100.0 * v.last_share AS last_pct, v.levels,
  CASE WHEN v.usl_fits = 1 THEN printf('The Universal Scalability Law fits (R² %.3f): %.3g %% run one after another.',
      v.usl_r2, 100.0 * v.usl_sigma)
    ELSE 'The Universal Scalability Law does not fit the levels.' END AS law
FROM load_verdict AS v
WHERE v.knee_users IS NOT NULL AND v.is_peak_reached = 1 AND v.last_share < 1
  -- One finding for levels that several runs make together.
  AND (NOT EXISTS (SELECT 1 FROM load_point AS p WHERE p.load_run_id = v.load_run_id AND p.of_all_runs = 1)
    OR v.load_run_id = (SELECT min(p.load_run_id) FROM load_point AS p WHERE p.of_all_runs = 1))
