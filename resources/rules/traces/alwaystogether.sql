-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-always-together"
version = 1
title = "Two services are always called together"
headline = "{caller} never works without {callee}"
severity = "info"
needs = ["traces"]
rung = 6
summary = "{caller} calls {callee} in {both_pct} of its {caller_traces} traces, and nobody else calls {callee}. The hop adds milliseconds and a way to fail without making the two independent."
cause = "A boundary drawn through one unit of work."
checks = [
  "Are there other callers outside these traces?",
  "Do the two scale differently, or belong to different teams?",
  "What does the hop cost?",
]
fix = """
1. Merge them.
2. Keep them apart where teams or scaling differ, and say so."""
proof = "The hop is gone."
risk = "A larger unit."
refuse = "A cache for the hop."
quiet = "Other callers, databases and other callees without spans, fewer than 100 traces."
related = ["trace-sync-chain-depth"]

[thresholds]
share = { value = 0.99, unit = "share", source = "set here" }
n = { value = 100, unit = "traces", source = "set here" }
one = { value = 1, unit = "callers", source = "the definition" }
*/
SELECT 'info' AS severity, 'service' AS subject_kind, p.callee AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms,
  p.caller, p.callee, p.caller_traces, p.traces, 100.0 * p.traces / p.caller_traces AS both_pct
FROM service_pair AS p
WHERE p.has_spans = 1 AND p.callers = :one AND p.caller_traces >= :n AND p.traces >= :share * p.caller_traces
ORDER BY p.caller_traces DESC, p.caller, p.callee LIMIT 20
