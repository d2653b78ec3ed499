-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-never-drains"
version = 1
title = "Backlog will not go away"
headline = "{queue}: {depth} wait and {drain_text}"
severity = "warning"
needs = ["queue"]
caused_by = ["queue-downstream-slow", "queue-consumers-lost", "queue-producer-burst"]
rung = 4
summary = "{depth} items wait in {queue}{group_text}; {arrival} a second come and {completion} a second are finished: {drain_text}. A division by the capacity alone forgets what arrives meanwhile."
cause = "Consumers at or below the rate of arrivals."
checks = [
  "Did the arrivals change, or the service? (next rules)",
  "Do the partitions limit the consumers?",
  "How long are items kept?",
  "Is what they call idle or slow?",
]
fix = """
1. Bring lost consumers back.
2. Mend what they call.
3. Batches of 50 to 100 a call.
4. Throttle the producer.
5. More consumers only after that."""
proof = "The slope of the depth is negative; the results are right, not only drained."
risk = "Load on what the consumers call."
refuse = "More consumers first: with as many as partitions the rest is idle."
quiet = "A depth that moves around a small level; a queue that stands still (queue-no-progress)."
related = ["queue-downstream-slow", "queue-consumers-lost", "queue-retention-risk", "queue-no-progress"]

[thresholds]
d = { value = 1000, unit = "items", source = "set here" }
t = { value = 3600, unit = "s", source = "set here: longer than this to drain" }
c = { value = 86400, unit = "s", source = "set here: a day" }
*/
SELECT CASE WHEN v.drain_s IS NULL OR v.drain_s >= :c THEN 'critical' ELSE 'warning' END AS severity, 'queue' AS subject_kind,
  coalesce(v.consumer_group, v.queue) AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, v.queue, coalesce(' for ' || v.consumer_group, '') AS group_text,
  CAST(v.depth_last AS INTEGER) AS depth, round(v.arrival_per_s, 1) AS arrival, round(v.completion_per_s, 1) AS completion, v.drain_s,
  CASE WHEN v.drain_s IS NULL THEN 'never drain at these rates' ELSE printf('%.1f h to drain', v.drain_s / 3600) END AS drain_text
FROM queue_verdict AS v WHERE v.scope = 'phase' AND v.verdict IN ('growing', 'draining', 'keeping_up') AND v.depth_last >= :d
  AND v.arrival_per_s IS NOT NULL AND v.completion_per_s > 0 AND v.end_ns - v.start_ns >= 300000000000
  AND (v.drain_s IS NULL OR v.drain_s >= :t)
  -- What was so for a while and is over is history.
  AND NOT EXISTS (SELECT 1 FROM queue_verdict AS n WHERE n.scope = 'phase' AND n.queue = v.queue AND n.source_id = v.source_id
    AND n.consumer_group IS v.consumer_group AND n.start_ns > v.start_ns)
ORDER BY v.depth_last DESC, v.queue LIMIT 100
