-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-replay-paused"
version = 1
title = "Replay is paused"
headline = "Replay on {replica} is paused since {began}"
severity = "warning"
needs = ["repl"]
rung = 5
summary = "pg_is_wal_replay_paused() is true on {replica} since {began}: the lag reached {max_ms}, and {unreplayed_bytes} of WAL wait. It does not end by itself."
cause = "Somebody called pg_wal_replay_pause(), or a recovery target was reached."
checks = [
  "Who paused it, and for what?",
  "pg_get_wal_replay_pause_state().",
]
fix = """
1. SELECT pg_wal_replay_resume(); on {replica}, by whoever paused it."""
proof = "The replay position moves."
risk = "What the pause was for is lost."
refuse = "Looking for a slow query or a slow network."
quiet = "Pauses of less than a minute."
related = ["repl-lag-threshold"]

[thresholds]
t = { value = 60, unit = "s", source = "set here" }
*/
SELECT 'warning' AS severity, 'replica' AS subject_kind, e.replica AS subject_id, e.start_ns, e.end_ns, NULL AS gain_ms,
  e.replica, strftime('%H:%M:%S', e.start_ns / 1000000000, 'unixepoch') || ' UTC' AS began, e.max_ms, coalesce(e.unreplayed_bytes, 0) AS unreplayed_bytes, e.server_id
FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict = 'paused' AND e.end_ns - e.start_ns >= :t * 1000000000
ORDER BY e.start_ns, e.replica LIMIT 100
