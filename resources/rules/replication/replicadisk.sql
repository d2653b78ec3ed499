-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-lag-replica-disk"
version = 1
title = "The disk of the replica is the slow stage"
headline = "{replica} cannot make WAL durable as fast as it comes: {behind_bytes}"
severity = "warning"
needs = ["repl"]
rung = 6
summary = "From {began} on {stage_pct} of the bytes {replica} lacks were sent and are not yet written or flushed there ({behind_bytes}, {max_ms}). {written} are written on the primary. {back_text}"
cause = "Slower storage than that of the primary."
checks = [
  "The class of the disks of both.",
  "What else reads and writes there?",
]
fix = """
1. A faster disk.
2. Move reports and backups away from it."""
proof = "The gap between sent and flushed is near 0."
risk = "Money."
refuse = "More replicas of the same kind."
quiet = "Most of the gap is replay."
related = ["repl-lag-apply-bound", "repl-lag-network"]

[thresholds]
share = { value = 0.5, unit = "share of the bytes behind", source = "set here" }
mb = { value = 16, unit = "MB", source = "set here: a WAL segment" }
crit = { value = 60, unit = "s", source = "common page line" }
*/
WITH worst AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.server_id, e.replica ORDER BY e.max_ms DESC, e.start_ns) AS place
  FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict IN ('behind', 'growing', 'stalled', 'catching_up')
    AND e.stage IN ('unwritten', 'unflushed') AND e.stage_share >= :share
    AND coalesce(e.unsent_bytes, 0) + coalesce(e.unwritten_bytes, 0) + coalesce(e.unflushed_bytes, 0) + coalesce(e.unreplayed_bytes, 0) >= :mb * 1000000
)
SELECT CASE WHEN e.max_ms >= :crit * 1000 THEN 'critical' ELSE 'warning' END AS severity, 'replica' AS subject_kind,
  e.replica AS subject_id, e.start_ns, e.end_ns, NULL AS gain_ms, e.replica, 100 * e.stage_share AS stage_pct,
  coalesce(e.unsent_bytes, 0) + coalesce(e.unwritten_bytes, 0) + coalesce(e.unflushed_bytes, 0) + coalesce(e.unreplayed_bytes, 0) AS behind_bytes,
  e.max_ms, strftime('%H:%M:%S', e.start_ns / 1000000000, 'unixepoch') || ' UTC' AS began, round(e.slope, 2) AS slope,
  coalesce(round(e.wal_rate / 1e6, 1) || ' MB/s', 'an unknown rate') AS written,
  coalesce(round(e.apply_rate / 1e6, 1) || ' MB/s', 'an unknown rate') AS applied,
  coalesce('Catching up takes ' || CAST(round(e.catch_up_s) AS INTEGER) || ' s from the peak.', 'It does not catch up in the data.') AS back_text,
  e.catch_up_s, e.server_id
FROM worst AS e WHERE e.place = 1 ORDER BY e.max_ms DESC, e.replica LIMIT 100
