-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-consumer-identity"
version = 1
title = "A consumer group changed its name or owns nothing"
headline = "{group}: {members} members own no partitions{twin_head}"
severity = "critical"
needs = ["queue"]
uses = ["markers"]
rung = 4
summary = "{group} has {members} members and 0 assigned partitions of {queue} since {since}. {twin_text} {marker_text}The consumer is up and owns nothing."
cause = "An identifier that a library or the configuration writes in another way."
checks = [
  "The difference of the deploy: names of groups, versions of the configuration library.",
  "Where does a new group begin to read: earliest, latest, the old position?",
  "How long are the old positions kept?",
]
fix = """
1. Restore the name, or move the position of {old} to {group}.
2. Pin the name, and check it before a deploy."""
proof = "Assigned equals the number of partitions; the lag falls."
risk = "Items are read again: consumers must bear repeats."
refuse = "A restart alone; more consumers."
quiet = "Spare members beyond the number of partitions; a group that begins."
related = ["queue-no-progress", "queue-partition-mismatch"]

[thresholds]
t = { value = 60, unit = "s", source = "set here" }
*/
SELECT 'critical' AS severity, 'queue' AS subject_kind, v.consumer_group AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  v.consumer_group AS "group", CAST(v.members AS INTEGER) AS members, v.queue, strftime('%m-%d %H:%M:%S', v.start_ns / 1000000000, 'unixepoch') || ' UTC' AS since, coalesce(v.same_as, 'the old group') AS old,
  CASE WHEN v.same_as IS NOT NULL THEN '; ' || v.same_as || ' is the same name with other separators' ELSE '' END AS twin_head,
  coalesce('The group ' || v.same_as || ' is equal after its separators are normalised, and its position stands still at '
    || (SELECT o.position FROM queue_verdict AS o WHERE o.scope = 'phase' AND o.queue = v.queue AND o.consumer_group = v.same_as AND o.start_ns <= v.end_ns ORDER BY o.start_ns DESC LIMIT 1)
    || '.', 'No group of a like name is in the data.') AS twin_text,
  coalesce((SELECT 'Shortly before: ' || coalesce(d.title, '') || coalesce(' ' || d.detail, '') || ' (' || d.kind || '). ' FROM event AS d
    WHERE d.kind IN ('deploy', 'config', 'flag') AND d.ts_ns BETWEEN v.start_ns - 900000000000 AND v.start_ns + 60000000000 ORDER BY d.ts_ns DESC LIMIT 1), '') AS marker_text
FROM queue_verdict AS v WHERE v.scope = 'phase' AND v.verdict = 'unassigned' AND v.end_ns - v.start_ns >= :t * 1000000000
  AND v.members > 0 AND v.assigned = 0
ORDER BY v.start_ns, v.consumer_group LIMIT 100
