-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-lag-apply-bound"
version = 1
title = "Replay cannot keep up with the write rate"
headline = "Replay on {replica} is slower than the primary writes: {applied} against {written}"
severity = "warning"
needs = ["repl"]
caused_by = ["repl-all-replicas-lag"]
rung = 6
summary = "From {began} on {stage_pct} of the bytes {replica} lacks have arrived on its disk and wait for replay: {behind_bytes}, {max_ms} behind. {written} are written and {applied} replayed. {back_text} Replay is one process."
cause = "A single replay process, a burst of writes, or a slower replica."
checks = [
  "Bytes of WAL a second now and usually.",
  "On the replica: the processor and the disk of the startup process.",
  "A bulk job or a backfill at that time?",
]
fix = """
1. Batch and throttle the writes.
2. A replica with faster cores and disks.
3. Fewer indexes to maintain."""
proof = "The replay gap is near 0, the slope negative."
risk = "Batch jobs take longer."
refuse = "Another replica: each must replay every write."
quiet = "A session on the replica that blocks replay; a pause; a delay on purpose."
related = ["repl-lag-query-blocks-replay", "repl-all-replicas-lag", "repl-lag-during-bulk-write"]

[thresholds]
share = { value = 0.8, unit = "share of the bytes behind", source = "set here" }
mb = { value = 16, unit = "MB", source = "set here: a WAL segment" }
crit = { value = 60, unit = "s", source = "common page line" }
*/
WITH worst AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.server_id, e.replica ORDER BY e.max_ms DESC, e.start_ns) AS place
  FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict IN ('behind', 'growing', 'stalled', 'catching_up')
    AND e.stage = 'unreplayed' AND e.cause = 'apply' AND e.stage_share >= :share
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
