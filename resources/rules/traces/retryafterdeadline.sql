-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-retry-after-deadline"
version = 1
title = "Work goes on after the caller gave up"
headline = "{call} is tried again {late_ms} after {parent_operation} has ended"
severity = "warning"
needs = ["traces"]
rung = 2
summary = "In {traces} traces {parent_operation} of {service} calls {call} once more after it has ended itself, {late_ms} later and for {length_ms}. Nobody waits for the answer, but the callee does the work."
cause = "The deadline is not passed on, and nobody looks at it before an attempt."
checks = [
  "Is the deadline in the headers?",
  "How much of the callee's work is of this kind?",
  "Is it meant: a call that nobody waits for by design?",
]
fix = "1. Pass the deadline on, and look at it before each attempt."
proof = "No attempts after the end of the span that makes them."
risk = "None known."
refuse = "Longer limits in the clients."
quiet = "First calls after the end (work left for later), producers and consumers, spans of another service (clocks differ), fewer than 5 attempts."
related = ["trace-retry-amplification", "trace-unsafe-retry"]

[thresholds]
n = { value = 5, unit = "attempts", source = "set here" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(l.service || ': ', '') || l.operation AS subject_id,
  NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  l.service, l.parent_operation, l.operation AS call, l.attempts, l.traces, l.late_p50_ns / 1e6 AS late_ms,
  l.length_p50_ns / 1e6 AS length_ms, l.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = l.example_trace_id) AS example_span_id
FROM late_attempt AS l
WHERE l.attempts >= :n
ORDER BY l.attempts DESC, subject_id, l.parent_operation LIMIT 50
