-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-allocation"
version = 1
title = "One function makes most of the garbage"
headline = "{frame} allocates {share_pct}"
severity = "warning"
needs = ["profile", "gc"]
rung = 6
summary = "{frame} makes {share_pct} of the allocations of {profile}, and the collector stops the program for up to {pause_ms}."
cause = "Copies, decoding, boxing."
checks = ["Is every copy needed?", "Could buffers be used again?"]
fix = """
1. Avoid the copy.
2. Use buffers again.
3. Process the data as a stream."""
proof = "Allocation rate and pauses fall."
risk = "More complex code; take it back by a setting when it is wrong."
refuse = "A larger heap as the cure."
quiet = "Pauses below the threshold, a share below the threshold."
related = ["profile-diff"]

[thresholds]
w = { value = 0.25, unit = "share", source = "set here (40 % in deserialization in an incident report)" }
pause = { value = 100, unit = "ms", source = "common guideline for collector pauses" }
*/
WITH longest AS MATERIALIZED (
  SELECT max(g.duration_ns) AS ns FROM pause AS g WHERE g.duration_ns IS NOT NULL
)
SELECT 'warning' AS severity, 'function' AS subject_kind, f.function AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  f.function AS frame, f.module, p.name AS profile, p.id AS profile_id, 100.0 * f.self_share AS share_pct,
  l.ns / 1e6 AS pause_ms
FROM longest AS l CROSS JOIN profile AS p CROSS JOIN function_stat AS f ON f.profile_id = p.id
WHERE p.kind = 'alloc' AND f.self_share >= :w AND l.ns >= :pause * 1000000
ORDER BY f.self_share DESC, p.id, f.function
