-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-link-cut"
version = 1
title = "Nothing arrives at a replica"
headline = "{replica} lost its link"
severity = "critical"
needs = ["repl"]
rung = 5
summary = "{replica} has received nothing since {began}{age_text}. Its own positions are equal because both stand still: a lag of 0 bytes there means nothing. {end_text}"
cause = "The receiver, the network or the primary is down, or the replica was taken away."
checks = [
  "pg_stat_wal_receiver on the replica: is there a row, and how old is last_msg_receipt_time?",
  "Does the primary list it in pg_stat_replication? A lost standby has no row.",
  "Its slot: how much WAL is kept for it?",
]
fix = """
1. Restore the link, or take the replica out of the list of those that serve reads.
2. Watch the WAL its slot keeps meanwhile."""
proof = "A row with state streaming; the time since the last message below 10 s."
risk = "Readers see old data until it is back."
refuse = "Trusting 0 bytes behind on the replica's own word."
quiet = "A silence of less than 30 s; a planned restart."
related = ["repl-idle-artifact", "repl-retained-wal", "repl-primary-silent"]

[thresholds]
t = { value = 30, unit = "s", source = "three times wal_receiver_status_interval" }
*/
SELECT 'critical' AS severity, 'replica' AS subject_kind, e.replica AS subject_id, e.start_ns,
  CASE WHEN e.recovered_ns IS NOT NULL THEN e.end_ns END AS end_ns, NULL AS gain_ms, e.replica,
  strftime('%H:%M:%S', e.start_ns / 1000000000, 'unixepoch') || ' UTC' AS began, coalesce(' (' || human_ms(e.link_age_ms) || ' without a message)', ', while the server was sampled on') AS age_text,
  CASE WHEN e.recovered_ns IS NOT NULL THEN 'It was back at ' || strftime('%H:%M:%S', e.recovered_ns / 1000000000, 'unixepoch') || ' UTC' || '.' ELSE 'It was not back at the end of the data.' END AS end_text,
  e.link_age_ms, e.server_id
FROM lag_verdict AS e WHERE e.scope = 'episode' AND e.verdict = 'disconnected'
  AND (e.link_age_ms >= :t * 1000 OR (e.link_age_ms IS NULL AND (e.n + e.unknown = 0 OR e.end_ns - e.start_ns >= :t * 1000000000)))
ORDER BY e.start_ns, e.replica LIMIT 100
