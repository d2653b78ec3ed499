-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-serialization"
version = 1
title = "Serialization dominates"
headline = "{share_pct} of the processor time turns objects into text or bytes"
severity = "warning"
needs = ["profile"]
rung = 6
summary = "{share_pct} of the samples of {profile} have a frame named like a serializer, most of all {frame}; most of it is called by {caller}."
cause = "Large objects, or a slow library."
checks = [
  "How large are the objects?",
  "Which version of the library is it?",
  "How many messages a second? Below 5,000 text is fine, above 50,000 a binary form pays.",
]
fix = """
1. Send fewer fields.
2. Use a faster library.
3. Use a binary form between services of one's own."""
proof = "The share in a profile taken afterwards."
risk = "Clients must change with the format; keep the old one until they have."
refuse = "A larger machine."
quiet = "A share below the threshold, fewer than 1,000 samples."
related = ["profile-hot-function"]

[thresholds]
w = { value = 0.10, unit = "share", source = "profiling guides: above 10 %" }
n = { value = 1000, unit = "samples", source = "set here" }
*/
SELECT 'warning' AS severity, 'function' AS subject_kind, s.frame AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  p.name AS profile, p.id AS profile_id, 100.0 * s.share AS share_pct, s.frame,
  coalesce((SELECT c.caller FROM stack_category AS c WHERE c.profile_id = p.id AND c.category = 'serialization'
    AND c.caller IS NOT NULL ORDER BY c.weight DESC, c.caller LIMIT 1), 'no other function') AS caller,
  s.samples, p.sample_count AS all_samples
FROM profile AS p CROSS JOIN stack_category AS s ON s.profile_id = p.id
WHERE p.kind = 'on_cpu' AND p.sample_count >= :n AND s.category = 'serialization' AND s.caller IS NULL
  -- Samples counted once more in another unit are the same samples.
  AND NOT EXISTS (SELECT 1 FROM profile AS q WHERE q.source_id = p.source_id AND q.id < p.id AND q.kind = p.kind
    AND q.unit <> p.unit AND q.sample_count = p.sample_count)
  AND s.share >= :w
ORDER BY s.share DESC, p.id
