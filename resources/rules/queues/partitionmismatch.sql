-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-partition-mismatch"
version = 1
title = "Consumers and partitions do not match"
headline = "{who}: {members} consumers on {partitions} partitions"
severity = "info"
needs = ["queue"]
rung = 3
summary = "{who} has {members} consumers and {queue} {partitions} partitions: {share_text}. At most one consumer of a group works on a partition; new partitions do not take over an old backlog."
cause = "Configuration."
checks = [
  "Is one partition deeper than the others?",
  "What must stay in order?",
]
fix = """
1. As many consumers as partitions.
2. More partitions for what comes."""
proof = "No idle consumer; the lag."
risk = "The order across keys."
refuse = "More consumers than partitions."
quiet = "Spare consumers on purpose."
related = ["queue-never-drains"]

[thresholds]
l = { value = 10000, unit = "items", source = "usual" }
*/
SELECT CASE WHEN v.members < v.partitions THEN 'warning' ELSE 'info' END AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id,
  v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who, v.queue, CAST(v.members AS INTEGER) AS members, v.partitions,
  CASE WHEN v.members > v.partitions THEN printf('%d of them are idle', v.members - v.partitions)
    ELSE printf('%d partitions a consumer, and %d items wait', (v.partitions + v.members - 1) / v.members, v.depth_max) END AS share_text
FROM queue_verdict AS v WHERE v.scope = 'all' AND v.partitions > 1 AND v.members > 0 AND coalesce(v.assigned, 1) > 0
  AND (v.members > v.partitions OR (v.members < v.partitions AND v.depth_max >= :l))
ORDER BY v.queue, v.consumer_group LIMIT 100
