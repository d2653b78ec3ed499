-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-unsafe-retry"
version = 1
title = "A write was repeated without protection"
headline = "{call} is repeated, up to {most} times for one request"
severity = "critical"
needs = ["traces"]
rung = 1
summary = "{groups} times {parent_operation} repeated {call}, which changes data, without an idempotency key in the trace; {done_twice} times more than one attempt succeeded. A first attempt whose answer was lost may have worked: then the repeat does it twice."
cause = "A call that must not be done twice is retried like any other."
checks = [
  "Is there a key in the body, or a unique constraint behind it? The trace shows headers only.",
  "Look at the effects of one example in the database.",
  "Is the key stored in the same transaction as the effect?",
]
fix = """
1. An idempotency key, kept for a day or two under a UNIQUE constraint of account and key.
2. Retry only what may be repeated."""
proof = "Equal keys return the first result; no duplicates."
risk = "One more look-up, about 0.3 ms."
refuse = "Turning retries off without a key: clients repeat anyway."
quiet = "Calls with an idempotency key, repeats with different values, attempts refused before any work (4xx)."
related = ["trace-retry-amplification", "trace-repeated-lookup"]

[thresholds]
done = { value = 1, unit = "groups", source = "set here: one duplicate is enough" }
*/
SELECT CASE WHEN p.done_twice >= :done THEN 'critical' ELSE 'warning' END AS severity, 'operation' AS subject_kind,
  coalesce(p.service || ': ', '') || p.parent_operation AS subject_id, p.start_ns, p.end_ns, NULL AS gain_ms,
  p.service, p.parent_operation, p.operation AS call, p.groups, p.done_twice, p.failed, p.n_p50 AS n, p.n_max AS most,
  p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p
WHERE p.is_write = 1 AND p.kind IN ('retry', 'repeated_lookup')
  AND (p.kind = 'retry' OR p.done_twice >= :done)
ORDER BY p.done_twice DESC, p.groups DESC, subject_id, p.operation LIMIT 50
