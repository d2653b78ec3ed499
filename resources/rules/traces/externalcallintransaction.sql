-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-external-call-in-transaction"
version = 1
title = "A call of somebody else while a transaction is open"
headline = "{call} runs for {overlap_ms} inside a database transaction"
severity = "critical"
needs = ["traces"]
rung = 4
summary = "{service} calls {host} ({call}) between BEGIN and COMMIT in {transactions} transactions: {overlap_ms} usually, {longest_ms} at worst. The connection and its locks are held for {held_ms} although the statements need {sql_ms}: {per_connection} such requests a second for each connection instead of {could_be}."
cause = "A remote call between two statements."
checks = [
  "Which statements have to be atomic?",
  "Sessions that are idle in transaction at that time.",
  "Which locks are held meanwhile?",
]
fix = """
1. Call first, then open the transaction.
2. Two short transactions with an idempotency key between them.
3. An outbox table for messages.
4. idle_in_transaction_session_timeout as a net."""
proof = "No overlap; the transaction is as long as its statements."
risk = "The second step may fail after the first: it needs a compensation."
refuse = "A larger pool; calling it an outage of the database."
quiet = "Less than 10 ms, calls before BEGIN and after COMMIT, asynchronous work, fewer than 5 transactions."
related = ["trace-external-call-dominates"]

[thresholds]
w = { value = 10, unit = "ms", source = "set here" }
c = { value = 1000, unit = "ms", source = "set here; an incident report has 5 s" }
n = { value = 5, unit = "transactions", source = "set here" }
*/
SELECT CASE WHEN t.overlap_p50_ns >= :c * 1000000 THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(t.service || ': ', '') || t.parent_operation AS subject_id, NULL AS start_ns,
  NULL AS end_ns, t.overlap_p50_ns / 1e6 AS gain_ms,
  t.service, t.parent_operation, t.operation AS call, coalesce(t.host, 'somebody') AS host, t.transactions, t.traces,
  t.overlap_p50_ns / 1e6 AS overlap_ms, t.overlap_max_ns / 1e6 AS longest_ms, t.held_p50_ns / 1e6 AS held_ms,
  t.statements_p50_ns / 1e6 AS sql_ms, round(1e9 / nullif(t.held_p50_ns, 0), 1) AS per_connection,
  round(1e9 / nullif(t.statements_p50_ns, 0), 1) AS could_be, t.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = t.example_trace_id) AS example_span_id
FROM transaction_call AS t
WHERE t.overlap_p50_ns >= :w * 1000000 AND t.transactions >= :n
ORDER BY t.overlap_p50_ns DESC, subject_id, call LIMIT 50
