-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-retained-wal"
version = 1
title = "WAL piles up for a replica or slot"
headline = "Slot {slot} keeps {retained_bytes} of WAL{full_text}"
severity = "warning"
needs = ["repl"]
uses = ["series"]
rung = 5
summary = "Slot {slot} ({kind}, {active_text}) keeps {retained_bytes} of WAL, {growth}. {status_text} The replicas that are connected show none of it."
cause = "Its consumer stands still or is gone."
checks = [
  "Is it active, and who owned it?",
  "Time to a full disk = free space / growth.",
  "max_slot_wal_keep_size.",
]
fix = """
1. Bring the consumer back.
2. Drop a slot nobody needs: SELECT pg_drop_replication_slot('{slot}');
3. A limit: max_slot_wal_keep_size."""
proof = "What is kept falls; the disk stops filling."
risk = "A consumer whose slot was dropped or limited must be rebuilt."
refuse = "Deleting files in pg_wal."
quiet = "An active slot whose figure stays in its usual band; a slot that is lost and keeps nothing (repl-slot-near-limit tells it)."
related = ["repl-lag-threshold", "repl-link-cut"]

[thresholds]
w = { value = 10, unit = "GB", source = "set here" }
free = { value = 0.5, unit = "share of the free space, critical", source = "set here" }
*/
WITH ends AS (
  SELECT s.server_id, s.slot, min(s.ts_ns) AS first_ns, max(s.ts_ns) AS last_ns, max(s.retained_bytes) AS most
  FROM slot_sample AS s WHERE s.retained_bytes IS NOT NULL GROUP BY s.server_id, s.slot
), told AS (
  SELECT e.*, l.retained_bytes, l.kind, l.active, l.wal_status, l.safe_wal_bytes,
    CASE WHEN e.last_ns > e.first_ns THEN (l.retained_bytes - f.retained_bytes) / ((e.last_ns - e.first_ns) / 1e9) END AS per_s,
    (SELECT p.value FROM series AS n CROSS JOIN point AS p ON p.series_id = n.id WHERE (n.metric IN ('system.filesystem.free', 'postgresql.disk.free')
      OR (n.metric = 'system.filesystem.available' AND (n.labels LIKE '%postgres%' OR n.labels LIKE '%pgdata%')))
      ORDER BY p.ts_ns DESC LIMIT 1) AS free
  FROM ends AS e JOIN slot_sample AS l ON l.slot = e.slot AND l.server_id IS e.server_id AND l.ts_ns = e.last_ns
    JOIN slot_sample AS f ON f.slot = e.slot AND f.server_id IS e.server_id AND f.ts_ns = e.first_ns
)
SELECT CASE WHEN t.wal_status IN ('unreserved', 'lost') OR (t.active = 0 AND t.per_s > 0) OR t.retained_bytes >= :free * t.free THEN 'critical'
    ELSE 'warning' END AS severity, 'slot' AS subject_kind, t.slot AS subject_id, t.first_ns AS start_ns, t.last_ns AS end_ns,
  NULL AS gain_ms, t.slot, coalesce(t.kind, 'kind unknown') AS kind, t.retained_bytes,
  CASE t.active WHEN 0 THEN 'inactive' WHEN 1 THEN 'active' ELSE 'nobody knows whether it is active' END AS active_text,
  CASE WHEN t.per_s > 0 THEN printf('growing by %.1f MB/s', t.per_s / 1e6) WHEN t.per_s IS NULL THEN 'seen once' ELSE 'not growing' END AS growth,
  CASE WHEN t.per_s > 0 AND t.free > 0 THEN printf(' and fills the disk in %.1f min', t.free / t.per_s / 60) ELSE '' END AS full_text,
  CASE WHEN t.per_s > 0 AND t.free > 0 THEN t.free / t.per_s END AS full_s,
  coalesce('The server says ' || t.wal_status || coalesce(', ' || round(t.safe_wal_bytes / 1e9, 1) || ' GB until it is lost', '') || '.', '') AS status_text,
  t.server_id
FROM told AS t WHERE (t.retained_bytes >= :w * 1000000000 OR t.wal_status IN ('unreserved', 'lost'))
  AND NOT EXISTS (SELECT 1 FROM slot_sample AS g WHERE g.slot = t.slot AND g.server_id IS t.server_id AND g.ts_ns > t.last_ns
    AND g.retained_bytes IS NULL AND g.wal_status = 'lost')
ORDER BY t.retained_bytes DESC, t.slot LIMIT 100
