-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-blocked-outbound"
version = 1
title = "Threads wait in one outbound call"
headline = "{share_pct} wait for an answer in {caller}"
severity = "critical"
needs = ["profile"]
rung = 6
summary = "{samples} of {all_samples} samples of {profile} ({share_pct}) wait for an answer from outside ({frame}), called by {caller}."
cause = "A slow service behind the call, and no time limit on it."
checks = ["Does the call have a time limit?", "Does the service that is called show the same picture?"]
fix = """
1. Put a time limit on the call.
2. Give it a bulkhead: at most so many threads may wait in it.
3. Add a circuit breaker."""
proof = "The next thread dump: the threads are free."
risk = "Calls that would have succeeded late now fail fast; take the limit back when errors exceed the budget."
refuse = "Calling it a processor problem."
quiet = "Workers that wait for work, fewer than 20 samples, a share below the threshold."
related = ["profile-lock-blocked"]

[thresholds]
w = { value = 0.9, unit = "share", source = "incident reports: every thread blocked" }
n = { value = 20, unit = "samples", source = "set here" }
*/
SELECT 'critical' AS severity, 'function' AS subject_kind, s.caller AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  p.name AS profile, p.id AS profile_id, 100.0 * s.share AS share_pct, s.caller, s.frame, s.samples,
  p.sample_count AS all_samples
FROM profile AS p CROSS JOIN stack_category AS s ON s.profile_id = p.id
WHERE p.kind IN ('threads', 'wall') AND p.sample_count >= :n AND s.category = 'network' AND s.caller IS NOT NULL
  AND s.share >= :w
ORDER BY s.share DESC, p.id, s.caller
