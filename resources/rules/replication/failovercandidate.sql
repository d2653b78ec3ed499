-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-failover-candidate"
version = 1
title = "Which replica would lose least"
headline = "{best} is ahead of {other} by {behind_bytes}"
severity = "info"
needs = ["repl"]
rung = 2
summary = "At the last sample {best} had received up to {best_position}; {other} is {behind_bytes} behind it and would lose that much more. {primary_text} Detecting a dead primary takes about 10 s and a promotion 60 to 120 s: clients that give up before that do not come back by themselves."
cause = "Replicas receive at their own pace."
checks = [
  "A synchronous standby first: it has every commit.",
  "Zone and size.",
  "How long do clients try? The sum of their pauses against detection and promotion.",
]
fix = """
1. Promote the one that is furthest, by whoever owns the failover; the product only shows the order."""
proof = "The bytes lost are written down."
risk = "Nothing: an order."
refuse = "Choosing by name or by habit; a promotion by the product."
quiet = "A single replica."
related = ["repl-primary-silent", "repl-two-primaries"]

[thresholds]
gap = { value = 60, unit = "s", source = "set here: samples of the replicas at most so far apart" }
*/
WITH ends AS (
  SELECT r.server_id, r.replica, max(r.ts_ns) AS ts_ns FROM replica_sample AS r
  WHERE coalesce(r.receive_position, r.flush_position, r.replay_position) IS NOT NULL GROUP BY r.server_id, r.replica
), lasts AS (
  SELECT e.replica, e.ts_ns, r.current_position, r.wal_rate, r.timeline, max(coalesce(r.receive_position, r.flush_position, r.replay_position)) AS position,
    max(coalesce(r.sync_state, '') = 'sync') AS is_sync
  FROM ends AS e JOIN replica_sample AS r ON r.replica = e.replica AND r.server_id IS e.server_id AND r.ts_ns = e.ts_ns
  GROUP BY e.replica
), best AS (
  SELECT l.* FROM lasts AS l WHERE l.ts_ns >= (SELECT max(a.ts_ns) FROM lasts AS a) - :gap * 1000000000
  ORDER BY l.is_sync DESC, l.position DESC, l.replica LIMIT 1
)
SELECT 'info' AS severity, 'replica' AS subject_kind, b.replica AS subject_id, b.ts_ns AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  b.replica AS best, printf('%X/%X', b.position >> 32, b.position & 4294967295) AS best_position, o.replica AS other,
  b.position - o.position AS behind_bytes,
  CASE WHEN b.current_position IS NOT NULL THEN 'The primary was at ' || printf('%X/%X', b.current_position >> 32, b.current_position & 4294967295) || ': '
    || max(0, b.current_position - b.position) || ' bytes would be lost with ' || b.replica || '.' ELSE 'The last position of the primary is not in the data.' END AS primary_text
FROM best AS b JOIN lasts AS o ON o.replica <> b.replica AND abs(o.ts_ns - b.ts_ns) <= :gap * 1000000000
  AND o.timeline IS b.timeline AND o.position < b.position
ORDER BY o.position, o.replica LIMIT 20
