-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "loadtest-not-representative"
version = 1
title = "The load test does not resemble production"
headline = "{unmet} differences to production"
severity = "warning"
needs = ["runs"]
rung = 1
summary = "{run} differs from production in {unmet} of {looked_at} points that the files tell: {list}. What it predicts holds only for what it did."
cause = "The mix, the length or the set-up of the test."
checks = [
  "Instances, pools and shared limits of the test against those of production.",
  "Volume of data, skew of keys, large customers, caches cold.",
  "Background jobs; clients behind a real network.",
]
fix = """
1. Count the limits again for production's numbers.
2. Replay the real distribution, longer, from cold."""
proof = "The P99 that was predicted is the P99 that comes."
risk = "None: the advice changes no system."
refuse = "\"The load test passed.\""
quiet = "No difference; points that no file tells are not counted."
related = ["loadtest-gate", "loadtest-omission"]

[thresholds]
n = { value = 1, unit = "differences", source = "set here" }
*/
SELECT 'warning' AS severity, 'run' AS subject_kind, v.load_run_id AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  coalesce(v.name, 'load test') AS run, sum(c.is_met = 0) AS unmet, count(*) AS looked_at,
  group_concat(CASE WHEN c.is_met = 0 THEN c.item || ' (' || c.test || coalesce(', production: ' || c.production, '') || ')' END,
    '; ') AS list
FROM load_validity AS c JOIN load_verdict AS v ON v.load_run_id = c.load_run_id
GROUP BY c.load_run_id HAVING sum(c.is_met = 0) >= :n
