-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-retention-risk"
version = 1
title = "Unread items are about to be deleted"
headline = "{who}: {margin_h} h until unread items are deleted"
severity = "critical"
needs = ["queue"]
rung = 4
summary = "The oldest unread item of {who} was {age_h} h old at {until}, and {queue} keeps items for {retention_h} h: {margin_h} h were left. {lost_text}"
cause = "A backlog older than what the queue keeps."
checks = [
  "The oldest offset the broker has against the committed one.",
  "The time to drain.",
]
fix = """
1. Extend the retention first.
2. Then drain."""
proof = "The age of the oldest falls."
risk = "Disk."
refuse = "Skipping to the newest item."
quiet = "Data that may be lost."
related = ["queue-never-drains", "queue-no-progress"]

[thresholds]
s = { value = 0.7, unit = "share of the retention", source = "set here" }
*/
SELECT 'critical' AS severity, 'queue' AS subject_kind, coalesce(v.consumer_group, v.queue) AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who, v.queue,
  strftime('%m-%d %H:%M:%S', v.end_ns / 1000000000, 'unixepoch') || ' UTC' AS until, round(v.oldest_age_s / 3600, 1) AS age_h, round(v.retention_s / 3600, 1) AS retention_h, round(v.margin_s / 3600, 1) AS margin_h,
  CASE WHEN v.margin_s <= 0 THEN 'Items are being lost.' ELSE 'Nothing is lost yet.' END AS lost_text
FROM queue_verdict AS v WHERE v.scope = 'phase' AND v.retention_s > 0 AND v.oldest_age_s >= :s * v.retention_s
ORDER BY v.margin_s, v.queue LIMIT 100
