-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-producer-burst"
version = 1
title = "More is produced than consumed"
headline = "{who}: {arrival} a second arrive instead of {arrival_before}"
severity = "warning"
needs = ["queue"]
rung = 4
summary = "{arrival} items a second arrive at {who} instead of {arrival_before}; {completion} are finished, as before. The backlog grows by {growth} a second. A limit of a partner cannot be tuned away."
cause = "A burst, or a fixed limit of the consumers."
checks = [
  "Who produces?",
  "Is there an interface for batches?",
]
fix = """
1. Batches of 50 to 100 a call.
2. Throttle the producer.
3. Agree on a higher quota."""
proof = "The slope of the depth."
risk = "Delay."
refuse = "More consumers than the partner accepts."
quiet = "Consumers with nothing to do."
related = ["queue-never-drains"]

[thresholds]
x = { value = 2, unit = "factor", source = "set here" }
d = { value = 1000, unit = "items", source = "set here" }
*/
SELECT 'warning' AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who,
  round(v.arrival_per_s, 1) AS arrival, round(v.arrival_before_per_s, 1) AS arrival_before, round(v.completion_per_s, 1) AS completion,
  round(v.arrival_per_s - v.completion_per_s, 1) AS growth
FROM queue_verdict AS v WHERE v.scope = 'phase' AND v.verdict = 'growing' AND v.depth_last >= :d AND v.arrival_before_per_s > 0
  AND v.arrival_per_s >= :x * v.arrival_before_per_s AND v.completion_per_s >= 0.9 * v.completion_before_per_s
ORDER BY v.depth_last DESC, v.queue LIMIT 100
