-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-dead-letters"
version = 1
title = "Dead letters grow"
headline = "{queue} holds {depth} dead letters"
severity = "warning"
needs = ["queue"]
rung = 4
summary = "{queue} went from {before} to {depth} items that were put aside. An empty work queue is not success while this one grows. {alarm_text}"
cause = "A defect that every such item meets."
checks = [
  "The most frequent error.",
  "The first of them against the markers.",
]
fix = """
1. Mend it, then play them again with protection against repeats."""
proof = "No dead letters; successes equal completions."
risk = "Repeats when they are played again."
refuse = "Purging them."
quiet = "A few permanent rejects that do not grow."
related = ["queue-never-drains"]

[thresholds]
c = { value = 10000, unit = "items", source = "usual" }
g = { value = 10, unit = "items", source = "set here" }
*/
SELECT CASE WHEN v.depth_last >= :c THEN 'critical' ELSE 'warning' END AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id,
  v.start_ns, v.end_ns, NULL AS gain_ms, v.queue, CAST(v.depth_last AS INTEGER) AS depth, CAST(v.depth_first AS INTEGER) AS before,
  CASE WHEN v.depth_first < :c AND v.depth_last >= :c THEN 'It passed the alarm line of 10,000.' ELSE '' END AS alarm_text
FROM queue_verdict AS v WHERE v.scope = 'all' AND (v.queue LIKE '%dlq%' OR v.queue LIKE '%dead%letter%' OR v.queue LIKE '%dead-letter%')
  AND v.depth_last >= v.depth_first + :g
ORDER BY v.depth_last DESC, v.queue LIMIT 100
