-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-consumers-lost"
version = 1
title = "Fewer consumers than before"
headline = "{who}: {members} of {before} consumers work"
severity = "warning"
needs = ["queue"]
rung = 4
summary = "{who} has {members} members instead of {before}: {left_pct} of the throughput is left for that reason ({completion} a second instead of {completion_before})."
cause = "A crash, a deploy or a scale-in."
checks = [
  "Restarts.",
  "Assignments.",
]
fix = """
1. Bring them back."""
proof = "Members and throughput."
risk = "Nothing."
refuse = "Larger items or a longer visibility."
quiet = "A scale-in that was planned; a backlog that stays small."
related = ["queue-never-drains", "queue-consumer-identity"]

[thresholds]
s = { value = 0.2, unit = "share of the consumers", source = "set here" }
d = { value = 1000, unit = "items", source = "set here" }
*/
SELECT CASE WHEN v.members * 2 <= v.members_before THEN 'critical' ELSE 'warning' END AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id,
  v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who, CAST(v.members AS INTEGER) AS members, CAST(v.members_before AS INTEGER) AS before,
  100.0 * v.members / v.members_before AS left_pct, coalesce(round(v.completion_per_s, 1), 'unknown') AS completion,
  coalesce(round(v.completion_before_per_s, 1), 'unknown') AS completion_before
FROM queue_verdict AS v WHERE v.scope = 'phase' AND v.verdict IN ('growing', 'stopped') AND v.members_before > 0
  AND v.members_before - v.members >= :s * v.members_before AND v.members > 0 AND v.depth_last >= :d
ORDER BY v.depth_last DESC, v.queue LIMIT 100
