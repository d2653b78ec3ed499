-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-idle-artifact"
version = 1
title = "Lag in seconds grows only because nothing is written"
headline = "{replica} is caught up and idle: the {raw_age_ms} are the age of the last commit"
severity = "good"
needs = ["repl"]
rung = 1
summary = "now() minus the last replayed commit rose to {raw_age_ms} on {replica}, while everything received was replayed and the link was alive ({link_text}). The primary wrote nothing: the lag is 0."
cause = "The clock formula measures silence."
checks = [
  "The positions are equal.",
  "The receiver streams; one without a link has equal positions too: compare with the primary.",
]
fix = """
1. Count the lag as 0 when the positions are equal and the receiver streams.
2. replay_lag of pg_stat_replication instead.
3. A heartbeat row every few seconds."""
proof = "The corrected series is at 0."
risk = "Nothing."
refuse = "A page on the raw formula."
quiet = "A receiver that does not stream: then the lag is real."
related = ["repl-lag-threshold", "repl-link-cut"]

[thresholds]
age = { value = 10, unit = "s", source = "set here: what the formula must show at least" }
*/
SELECT 'good' AS severity, 'replica' AS subject_kind, e.replica AS subject_id, min(e.start_ns) AS start_ns,
  max(e.end_ns) AS end_ns, NULL AS gain_ms, e.replica, max(e.raw_age_ms) AS raw_age_ms, count(*) AS times,
  coalesce('the longest silence of the link was ' || human_ms(max(e.link_age_ms)), 'as its positions and those of the primary show') AS link_text,
  e.server_id
FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict = 'idle' AND e.raw_age_ms >= :age * 1000
GROUP BY e.server_id, e.replica ORDER BY 8 DESC, e.replica LIMIT 100
