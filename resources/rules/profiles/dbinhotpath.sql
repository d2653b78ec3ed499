-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-db-in-hot-path"
version = 1
title = "Database calls inside a loop"
headline = "{caller} calls the database inside {loop}"
severity = "warning"
needs = ["profile"]
rung = 1
summary = "{share_pct} of {profile} is spent in database drivers ({frame}) called by {caller}, which runs inside {loop}."
cause = "One statement for each element of a list instead of one for all of them."
checks = ["How often does the statement run per request? Count the spans, or the calls of the statement."]
fix = "1. Fetch all elements with one statement (a join, or = ANY of a list)."
proof = "The share in a profile taken afterwards, and the statements per request."
risk = "A larger result in one go: watch its memory. Take the change back when P99 rises."
refuse = "Tuning the driver."
quiet = "No loop above the driver, a share below the threshold, fewer than 100 such samples."
related = ["stmt-n-plus-one", "profile-hot-function"]

[thresholds]
w = { value = 0.2, unit = "share", source = "set here" }
n = { value = 100, unit = "samples", source = "set here" }
*/
SELECT 'warning' AS severity, 'function' AS subject_kind, s.caller AS subject_id, p.start_ns,
  p.start_ns + p.duration_ns AS end_ns, NULL AS gain_ms,
  p.name AS profile, p.id AS profile_id, 100.0 * s.share AS share_pct, s.caller, s.frame, s.loop_frame AS loop,
  s.samples
FROM profile AS p CROSS JOIN stack_category AS s ON s.profile_id = p.id
WHERE p.kind IN ('on_cpu', 'wall') AND s.category = 'database' AND s.caller IS NOT NULL AND s.loop_frame IS NOT NULL
  AND s.share >= :w AND s.samples >= :n
ORDER BY s.share DESC, p.id, s.caller
