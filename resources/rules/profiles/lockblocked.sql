-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-lock-blocked"
version = 1
title = "Threads wait for one lock"
headline = "{share_pct} wait for a lock in {caller}"
severity = "warning"
needs = ["profile"]
rung = 6
summary = "{samples} of {all_samples} samples of {profile} ({share_pct}) wait for a lock ({frame}) that {caller} takes."
cause = "A lock that protects too much, or is held while something slow runs."
checks = ["What does the holder do meanwhile: input, output, a call to another service?"]
fix = """
1. Make the protected part smaller.
2. No input or output while the lock is held.
3. Split the lock."""
proof = "The share of waiting threads falls."
risk = "Races: test under load. Take the change back with the release."
refuse = "More threads."
quiet = "Profiles of processor time (a waiting thread is not in them), fewer than 20 samples, a share below the threshold."
related = ["profile-blocked-outbound", "profile-quality"]

[thresholds]
w = { value = 0.2, unit = "share", source = "set here" }
n = { value = 20, unit = "samples", source = "set here" }
*/
SELECT 'warning' AS severity, 'function' AS subject_kind, s.caller AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  p.name AS profile, p.id AS profile_id, 100.0 * s.share AS share_pct, s.caller, s.frame, s.samples,
  p.sample_count AS all_samples
FROM profile AS p CROSS JOIN stack_category AS s ON s.profile_id = p.id
WHERE p.kind IN ('threads', 'wall') AND p.sample_count >= :n AND s.category = 'lock' AND s.caller IS NOT NULL
  AND s.share >= :w
ORDER BY s.share DESC, p.id, s.caller
