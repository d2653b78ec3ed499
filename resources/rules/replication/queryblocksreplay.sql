-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-lag-query-blocks-replay"
version = 1
title = "A query on the replica holds up replay"
headline = "Replay on {replica} is stalled by the {application} session that began at {began}"
severity = "critical"
needs = ["repl", "sessions"]
uses = ["settings"]
rung = 5
summary = "Replay on {replica} is stalled by process {pid} ({application}), whose transaction began at {began}: its age and the lag agree in {matches} samples, and the lag rises by {slope} s a second. {stage_text} It is not the network and not the primary: {unsent_text}. 10 s were passed at {at10}, 60 s at {at60}; the peak is {max_ms} ({peak_s} s) at {peak}. {back_text}"
cause = "A long read conflicts with a cleanup or lock record of replay."
checks = [
  "On the replica: SELECT pid, now() - xact_start, query FROM pg_stat_activity ORDER BY xact_start LIMIT 5;",
  "max_standby_streaming_delay: how long replay waits for a query.",
  "hot_standby_feedback.",
  "Who needs the report, and who may end it?",
]
fix = """
1. End it: SELECT pg_cancel_backend({pid}); on {replica}. Price: the report starts again.
2. Move the reads: {other_text}. The primary can take them too; price: its load grows by all of them.
3. Wait: the lag rises until the query ends (here {max_ms}), and then it takes the catch-up time.
4. For good: a replica of its own for reports with a long delay, max_standby_streaming_delay = 30s on the one that serves, or a warehouse."""
proof = "Replay moves at once; the lag falls."
risk = "Feedback to the primary keeps dead rows there; a short delay cancels reports."
refuse = "A restart of the replica; a faster network; the mean over all replicas."
quiet = "Replay that moves; sessions much older or younger than the lag; sessions of the primary."
related = ["repl-lag-threshold", "repl-lag-apply-bound"]

[thresholds]
s = { value = 0.9, unit = "s per s", source = "set here: slope of a replay that stands still" }
m = { value = 2, unit = "samples", source = "set here" }
crit = { value = 60, unit = "s", source = "common page line" }
*/
SELECT CASE WHEN e.max_ms >= :crit * 1000 THEN 'critical' ELSE 'warning' END AS severity, 'replica' AS subject_kind,
  e.replica AS subject_id, e.start_ns, e.end_ns, NULL AS gain_ms, e.replica, CAST(e.session_pid AS TEXT) AS pid,
  coalesce(e.session_application, 'unnamed') AS application, strftime('%H:%M:%S', e.session_start_ns / 1000000000, 'unixepoch') || ' UTC' AS began,
  e.session_matches AS matches, round(e.slope, 2) AS slope, e.max_ms, CAST(round(e.max_ms / 1000) AS INTEGER) AS peak_s,
  strftime('%H:%M:%S', e.max_ns / 1000000000, 'unixepoch') || ' UTC' AS peak,
  coalesce(strftime('%H:%M:%S', e.over_10s_ns / 1000000000, 'unixepoch') || ' UTC', 'no time') AS at10, coalesce(strftime('%H:%M:%S', e.over_60s_ns / 1000000000, 'unixepoch') || ' UTC', 'no time') AS at60,
  CASE WHEN e.stage = 'unreplayed' THEN round(100 * e.stage_share, 1) || ' % of the bytes behind have arrived and wait for replay.'
    ELSE 'The stages are not in the data.' END AS stage_text, 100 * e.stage_share AS stage_pct,
  coalesce(round(e.unsent_bytes / 1e6, 1) || ' MB are not sent at the worst moment'
    || coalesce(' and ' || round(e.wal_rate / 1e6, 1) || ' MB/s are written as before', ''), 'the sent position is not in the data') AS unsent_text,
  coalesce('It fell by ' || round(-e.fall_slope, 1) || ' s a second, ' || CAST(round(e.catch_up_s) AS INTEGER) || ' s to catch up'
    || coalesce(', back at ' || strftime('%H:%M:%S', e.recovered_ns / 1000000000, 'unixepoch') || ' UTC', '') || '.', 'It has not fallen yet.') AS back_text,
  e.catch_up_s, coalesce((SELECT o.replica || ' stayed at ' || human_ms(o.p99_ms) || ' (P99)' FROM lag_verdict AS o WHERE o.scope = 'all'
    AND o.replica <> e.replica AND o.p99_ms < 1000 AND o.verdict = 'current' ORDER BY o.p99_ms, o.replica LIMIT 1), 'no other replica is known to be current') AS other_text,
  e.session_query AS query, e.server_id
FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.cause = 'query' AND e.slope >= :s AND e.session_matches >= :m
ORDER BY e.max_ms DESC, e.replica, e.start_ns LIMIT 100
