-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-lag-within-tolerance"
version = 1
title = "Which reads may stay on a lagging replica"
headline = "{class}: {verdict_text} ({replica}, lag up to {max_ms})"
severity = "info"
needs = ["repl", "config"]
rung = 2
summary = "Readers of class {class} tolerate {tolerance_ms}; {replica} was {p99_ms} behind at P99 and {max_ms} at most. {verdict_text}."
cause = "Each class of reads has its own tolerance; there is no lag that is right for all."
checks = [
  "Does every query have a class? An unknown one gets the strictest.",
]
fix = """
1. Route by class: above its tolerance to the primary, below it to the replica with a line that says how old the data may be."""
proof = "No read of a class above its tolerance."
risk = "The primary takes what is routed there."
refuse = "One verdict and one red number for all readers."
quiet = "No tolerance is configured (key tolerance_ms)."
related = ["repl-stale-read-risk", "repl-lag-threshold"]
*/
SELECT CASE WHEN v.max_ms <= CAST(c.value AS REAL) THEN 'good' ELSE 'info' END AS severity, 'replica' AS subject_kind,
  v.replica AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, c.subject AS class, v.replica,
  CAST(c.value AS REAL) AS tolerance_ms, v.p99_ms, v.max_ms,
  CASE WHEN v.max_ms <= CAST(c.value AS REAL) THEN 'may stay on the replica, up to ' || human_ms(v.max_ms) || ' old'
    ELSE 'goes to the primary above ' || human_ms(CAST(c.value AS REAL)) END AS verdict_text, v.server_id
FROM config AS c JOIN lag_verdict AS v ON v.scope = 'all' AND v.max_ms IS NOT NULL
WHERE c.key = 'tolerance_ms' AND CAST(c.value AS REAL) >= 0
ORDER BY c.subject, v.replica LIMIT 200
