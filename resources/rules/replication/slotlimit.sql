-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-slot-near-limit"
version = 1
title = "A replication slot comes near its limit"
headline = "Slot {slot} {used_text}"
severity = "warning"
needs = ["repl"]
uses = ["settings"]
rung = 4
summary = "Slot {slot} {kept_text}, and its consumer must be built anew."
cause = "Its consumer is slower than the writes, or gone."
checks = [
  "Is the consumer connected, and does it move?",
  "Time left = what is left / WAL per second.",
]
fix = """
1. Bring the consumer back, or make it faster.
2. More room while it catches up: ALTER SYSTEM SET max_slot_wal_keep_size = '<more>'; SELECT pg_reload_conf();
3. Drop a slot nobody needs: SELECT pg_drop_replication_slot('{slot}');"""
proof = "What is kept falls."
risk = "More room is more disk."
refuse = "No limit at all: a full disk stops the primary."
quiet = "Half of the limit and less; slots without a limit (repl-retained-wal watches those)."
related = ["repl-retained-wal", "repl-link-cut"]

[thresholds]
w = { value = 0.5, unit = "share", source = "set here" }
c = { value = 0.8, unit = "share", source = "set here" }
*/
WITH latest AS (
  -- Of any kind: a slot that is lost tells no figures any more.
  SELECT s.server_id, s.slot, max(s.ts_ns) AS ts_ns, s.retained_bytes, s.safe_wal_bytes, s.active, s.wal_status
  FROM slot_sample AS s GROUP BY s.server_id, s.slot
), judged AS (
  SELECT l.*, max(l.safe_wal_bytes, 0) AS safe_bytes,
    1.0 * l.retained_bytes / max(l.retained_bytes + max(l.safe_wal_bytes, 0), 1) AS share FROM latest AS l
)
SELECT CASE WHEN j.share >= :c OR j.wal_status IN ('unreserved', 'lost') THEN 'critical' ELSE 'warning' END AS severity,
  'slot' AS subject_kind, j.slot AS subject_id, j.ts_ns AS start_ns, j.ts_ns AS end_ns, NULL AS gain_ms,
  j.slot, j.retained_bytes, j.safe_bytes, CAST(round(100 * j.share) AS INTEGER) AS share_percent, j.active,
  CASE j.wal_status WHEN 'lost' THEN 'is lost'
    ELSE 'has used ' || CAST(round(100 * j.share) AS INTEGER) || ' % of max_slot_wal_keep_size' END AS used_text,
  CASE j.wal_status WHEN 'lost' THEN 'is lost: the server has dropped WAL that it still needed'
    ELSE printf('keeps %.2f GB of WAL; after %.2f GB more the server drops what the slot still needs', j.retained_bytes / 1e9, j.safe_bytes / 1e9)
    END AS kept_text, j.server_id
FROM judged AS j WHERE j.share > :w OR j.wal_status = 'lost'
ORDER BY (j.wal_status IS 'lost') DESC, j.share DESC, j.slot LIMIT 50
