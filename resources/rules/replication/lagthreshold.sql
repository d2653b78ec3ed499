-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-lag-threshold"
version = 1
title = "Replica is too far behind"
headline = "{replica} was {max_ms} behind"
severity = "warning"
needs = ["repl"]
caused_by = ["repl-lag-query-blocks-replay", "repl-lag-apply-bound", "repl-lag-network", "repl-lag-replica-disk"]
rung = 5
summary = "{replica} was behind by {p50_ms} at P50, {p95_ms} at P95 and {max_ms} at most from {began} on ({n} samples, nearest rank); 10 s were passed at {at10}, 60 s at {at60}. {stage_text} {other_text}"
cause = "See the rule of the stage."
checks = [
  "An artefact of an idle primary? (that rule says so)",
  "Which stage holds the bytes: unsent, unwritten, unflushed, unreplayed?",
  "The slope: 1 s a second is a replay that stands still, less is one that is slow.",
  "All replicas, or one?",
  "What may the readers tolerate?",
]
fix = """
1. What the rule of the stage says.
2. Read what must be fresh from the primary while it lasts, if it has room."""
proof = "P95 below {warn} s; backlog / (apply - write) is the time it takes."
risk = "More load on the primary while reads are moved."
refuse = "The mean of the lag, or of all replicas: it hides the tail. Affinity to one replica is not reading one's own writes."
quiet = "An idle primary; a delay on purpose; a pause or a cut link (rules of their own); peaks shorter than the window."
related = ["repl-idle-artifact", "repl-lag-apply-bound", "repl-lag-query-blocks-replay", "repl-lag-network", "repl-stale-read-risk"]

[thresholds]
win = { value = 300, unit = "s", source = "set here: an episode of so long" }
warn = { value = 10, unit = "s", source = "common alert line" }
crit = { value = 60, unit = "s", source = "common page line" }
*/
WITH worst AS (
  SELECT e.*, row_number() OVER (PARTITION BY e.server_id, e.replica ORDER BY e.max_ms DESC, e.start_ns) AS place
  FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict IN ('behind', 'growing', 'stalled', 'catching_up')
    AND e.p95_ms >= :warn * 1000 AND e.end_ns - e.start_ns >= :win * 1000000000
)
SELECT CASE WHEN e.p95_ms >= :crit * 1000 THEN 'critical' ELSE 'warning' END AS severity, 'replica' AS subject_kind,
  e.replica AS subject_id, e.start_ns, e.end_ns, NULL AS gain_ms, e.replica, e.n, e.p50_ms, e.p95_ms, e.max_ms,
  strftime('%H:%M:%S', e.start_ns / 1000000000, 'unixepoch') || ' UTC' AS began, coalesce(strftime('%H:%M:%S', e.over_10s_ns / 1000000000, 'unixepoch') || ' UTC', 'no time') AS at10,
  coalesce(strftime('%H:%M:%S', e.over_60s_ns / 1000000000, 'unixepoch') || ' UTC', 'no time') AS at60,
  CASE e.stage WHEN 'unsent' THEN 'Most bytes behind are not sent.' WHEN 'unwritten' THEN 'Most bytes behind are sent and not written.'
    WHEN 'unflushed' THEN 'Most bytes behind are not flushed by the replica.' WHEN 'unreplayed' THEN 'Most bytes behind have arrived and are not replayed.'
    ELSE 'Which stage holds the bytes is not in the data.' END AS stage_text,
  coalesce((SELECT o.replica || ' stayed at ' || human_ms(o.p99_ms) || ' (P99)' FROM lag_verdict AS o WHERE o.scope = 'all'
    AND o.replica <> e.replica AND o.p99_ms < 1000 AND o.verdict = 'current' ORDER BY o.p99_ms, o.replica LIMIT 1) || '.', '') AS other_text, e.server_id
FROM worst AS e WHERE e.place = 1 ORDER BY e.max_ms DESC, e.replica LIMIT 100
