-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-quality"
version = 1
title = "How far this profile can be trusted"
headline = "{profile} has only {samples} samples"
severity = "info"
needs = ["profile"]
rung = 0
summary = "{profile} ({kind}) has {samples} samples: a share in it may be off by up to {err_points} points, and functions below {least_pct} may be missing."
cause = "A short recording, or a long sampling interval."
checks = ["How long was recorded, and how often sampled?", "Is it of the slow period, and of more than one instance?"]
fix = "1. Record longer: 30 to 60 seconds during the slowness; for waits, a profile of wall-clock time."
proof = "At least 1,000 samples."
risk = "A sampling profiler costs 1 to 5 % while it runs."
refuse = "Conclusions from single samples."
quiet = "Enough samples; profiles of allocations, locks and thread dumps, whose counts mean something else."
related = ["profile-hot-function", "profile-diff"]

[thresholds]
n = { value = 1000, unit = "samples", source = "set here" }
*/
SELECT 'info' AS severity, 'profile' AS subject_kind, p.id AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  p.name AS profile, p.kind, p.sample_count AS samples,
  98.0 / sqrt(p.sample_count) AS err_points, 300.0 / p.sample_count AS least_pct
FROM profile AS p
WHERE p.kind IN ('on_cpu', 'wall') AND p.sample_count BETWEEN 1 AND :n - 1
  -- Samples counted once more in another unit are the same samples.
  AND NOT EXISTS (SELECT 1 FROM profile AS q WHERE q.source_id = p.source_id AND q.id < p.id AND q.kind = p.kind
    AND q.unit <> p.unit AND q.sample_count = p.sample_count)
ORDER BY p.sample_count, p.id
LIMIT 20
