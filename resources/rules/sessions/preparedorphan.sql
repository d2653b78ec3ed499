-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "txn-prepared-orphan"
version = 1
title = "A prepared transaction was left behind"
headline = "The prepared transaction {gid} is {age_ms} old"
severity = "critical"
needs = ["sessions"]
uses = ["tabstat"]
rung = 5
summary = "{gid} of {owner} was prepared {age_ms} ago and neither committed nor rolled back. Its locks and its snapshot stay, over a restart too."
cause = "The coordinator died between the two phases."
checks = [
  "What did the coordinator decide (its log)?",
  "Does it hold back vacuum?",
]
fix = """
1. By its owner, as the coordinator decided: COMMIT PREPARED '{gid}'; or ROLLBACK PREPARED '{gid}';
2. max_prepared_transactions = 0 where nothing uses them."""
proof = "No prepared transaction is older than the limit."
risk = "The wrong of the two breaks what belongs together, and cannot be undone."
refuse = "A restart of the server: prepared transactions outlive it."
quiet = "Younger ones."
related = ["vacuum-held-back"]

[thresholds]
t = { value = 300, unit = "s", source = "set here" }
*/
SELECT 'critical' AS severity, 'server' AS subject_kind, h.server_id AS subject_id, h.since_ns AS start_ns,
  max(h.ts_ns) AS end_ns, NULL AS gain_ms, h.name AS gid, (max(h.ts_ns) - h.since_ns) / 1e6 AS age_ms,
  coalesce(h.user, 'an unknown role') || coalesce(' in ' || h.db, '') AS owner, h.xmin_age, h.xid_age, h.server_id
FROM xmin_holder AS h
WHERE h.kind = 'prepared' AND h.since_ns IS NOT NULL
GROUP BY h.server_id, h.name, h.since_ns HAVING max(h.ts_ns) - h.since_ns >= :t * 1000000000
ORDER BY age_ms DESC LIMIT 50
