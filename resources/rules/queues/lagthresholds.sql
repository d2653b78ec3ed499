-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-lag-thresholds"
version = 1
title = "A consumer is far behind or falls behind"
headline = "{who} was {depth} items behind"
severity = "warning"
needs = ["queue"]
caused_by = ["queue-no-progress", "queue-never-drains", "queue-downstream-slow", "queue-consumers-lost"]
rung = 4
summary = "{who} was up to {depth} items behind on {queue} ({partitions} partitions, the deepest {deepest}). {alarm_text} {slope_text}"
cause = "See the rules on queues."
checks = [
  "One partition (a hot key) or all?",
  "Arrivals, completions, members.",
]
fix = """
1. What the matching rule on queues says."""
proof = "The lag and its slope."
risk = "Nothing."
refuse = "More consumers before the cause is known."
quiet = "Topics that are drained on a schedule."
related = ["queue-never-drains", "queue-no-progress", "queue-consumer-identity"]

[thresholds]
w = { value = 10000, unit = "items", source = "usual" }
c = { value = 100000, unit = "items", source = "usual" }
*/
SELECT CASE WHEN v.depth_max >= :c THEN 'critical' ELSE 'warning' END AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id,
  v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who, v.queue, CAST(v.depth_max AS INTEGER) AS depth, v.partitions,
  coalesce(CAST(v.max_partition AS INTEGER), 'unknown') AS deepest,
  coalesce('Simple alarms would have fired: ' || (SELECT group_concat(replace(a.alarm, '_', ' ') || ' at ' || strftime('%m-%d %H:%M:%S', a.first_ns / 1000000000, 'unixepoch') || ' UTC', ', ')
    FROM (SELECT q.alarm, q.first_ns FROM queue_alarm AS q WHERE q.first_ns IS NOT NULL AND q.queue = v.queue
      AND q.source_id = v.source_id AND q.consumer_group IS v.consumer_group ORDER BY q.first_ns LIMIT 100) AS a) || '.', '') AS alarm_text,
  coalesce((SELECT 'At most it grew by ' || round(max(p.growth_per_s), 2) || ' items/s.' FROM queue_verdict AS p WHERE p.scope = 'phase' AND p.queue = v.queue
    AND p.source_id = v.source_id AND p.consumer_group IS v.consumer_group AND p.growth_per_s > 0), '') AS slope_text
FROM queue_verdict AS v WHERE v.scope = 'all' AND v.depth_max >= :w ORDER BY v.depth_max DESC, v.queue LIMIT 100
