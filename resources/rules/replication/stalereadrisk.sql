-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-stale-read-risk"
version = 1
title = "Users may not see what they just wrote"
headline = "{stale_pct} of reads {think_ms} after a write are stale on {replica}"
severity = "warning"
needs = ["repl"]
uses = ["config"]
rung = 3
summary = "Of {n} samples of {replica} {stale_pct} show a lag above {think_ms}, the time between a write and the read that follows it ({origin_text}): that share of such reads is stale, by {stale_p50_ms} at P50 and {stale_p99_ms} at P99. The mean of the lag says nothing about it. P99 of the lag is {p99_ms}."
cause = "Reads on an asynchronous replica right after a write."
checks = [
  "Which share of the reads follows a write of the same user?",
  "Which endpoints?",
  "The lag of each replica: the share is very different.",
]
fix = """
1. Show the written value at once.
2. Read from the primary for {p99_ms} (P99 of the lag) after a write.
3. Pass the position of the write along: wait up to 500 ms for it on the replica, then ask the primary ({wait_pct} of the reads would).
4. Strong reads only where they are needed."""
proof = "Stale reads a minute; the share that falls back to the primary."
risk = "The primary takes the share that falls back."
refuse = "The mean of the lag; 'extremely unlikely' without a figure; affinity to one replica, which is not reading one's own writes."
quiet = "Sessions that only read; a lag below the time."
related = ["repl-lag-within-tolerance", "repl-lag-threshold"]

[thresholds]
i = { value = 1e-05, unit = "share", source = "usual" }
w = { value = 0.001, unit = "share", source = "set here" }
c = { value = 0.02, unit = "share", source = "usual" }
d = { value = 2000, unit = "ms", source = "usual: from a page to its reload; think_time_ms of the configuration goes first" }
n = { value = 100, unit = "samples", source = "set here" }
*/
WITH chosen AS (
  SELECT s.*, row_number() OVER (PARTITION BY s.server_id, s.replica ORDER BY s.origin = 'config' DESC, s.share DESC) AS place
  FROM stale_read AS s WHERE s.origin = 'config' OR s.think_ms = :d
)
SELECT CASE WHEN s.share >= :c THEN 'critical' WHEN s.share >= :w THEN 'warning' ELSE 'info' END AS severity,
  'replica' AS subject_kind, s.replica AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, s.replica, s.n, s.think_ms,
  100 * s.share AS stale_pct, s.stale_p50_ms, s.stale_p99_ms, v.p99_ms,
  CASE s.origin WHEN 'config' THEN 'as configured' ELSE 'assumed' END AS origin_text,
  coalesce((SELECT 100 * w.share FROM stale_read AS w WHERE w.replica = s.replica AND w.server_id IS s.server_id
    AND w.think_ms = 500 AND w.origin = 'usual'), 0) AS wait_pct, s.server_id
FROM chosen AS s JOIN lag_verdict AS v ON v.replica = s.replica AND v.server_id IS s.server_id AND v.scope = 'all'
WHERE s.place = 1 AND s.share >= :i AND s.n >= :n
ORDER BY s.share DESC, s.replica LIMIT 100
