-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-two-primaries"
version = 1
title = "Two nodes accept writes"
headline = "{a} and {b} are both primaries of one cluster"
severity = "critical"
needs = ["settings"]
rung = 5
summary = "{a} and {b} have the system identifier {system} and neither is in recovery: both accept writes, and their histories diverge with every commit. A lag between them means nothing."
cause = "A false failover or a partition."
checks = [
  "System identifier and timeline of both.",
  "Which of them do clients use?",
]
fix = """
1. Stop one of them before anything else.
2. Compare and merge what the other took meanwhile.
3. Several health checks before a promotion."""
proof = "One of them is in recovery."
risk = "Writes of one side are lost or merged by hand."
refuse = "Waiting to see which one wins; a lag chart between them."
quiet = "Different clusters; logical replication."
related = ["repl-failover-candidate"]
*/
SELECT 'critical' AS severity, 'server' AS subject_kind, a.id AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  coalesce(a.name, a.host, 'server ' || a.id) AS a, coalesce(b.name, b.host, 'server ' || b.id) AS b, a.system_identifier AS system,
  a.timeline AS a_timeline, b.timeline AS b_timeline
FROM server AS a JOIN server AS b ON b.system_identifier = a.system_identifier AND b.id > a.id
  AND coalesce(b.name, b.host, '') <> coalesce(a.name, a.host, '')
WHERE a.in_recovery = 0 AND b.in_recovery = 0 ORDER BY a.id, b.id LIMIT 10
