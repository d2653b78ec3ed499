-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-chatty-cache"
version = 1
title = "The cache is asked once for every key"
headline = "{endpoint}: {n} single {call} below {parent_operation}"
severity = "info"
needs = ["traces"]
rung = 2
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} asks the cache {n} times one after another ({call}, {sum_ms} together, {detail}). Each answer is quick, the way there and back is not: one call for all keys saves about {saving_ms}."
cause = "A loop over keys."
checks = ["Do all keys lie on the same node of the cache?", "Are the keys known before the loop?"]
fix = "1. One call for many keys (MGET, get_multi) or a pipeline."
proof = "Calls of the cache per request."
risk = "Larger replies."
refuse = "A larger cache server."
quiet = "Fewer than 3 calls, keys that depend on each other's values, less than 2 ms to win, fewer than 30 % of the traces."
related = ["stmt-n-plus-one"]

[thresholds]
n = { value = 3, unit = "calls", source = "common guideline" }
save = { value = 2, unit = "ms", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
*/
SELECT 'info' AS severity, 'operation' AS subject_kind,
  coalesce(p.service || ': ', '') || p.parent_operation AS subject_id, p.start_ns, p.end_ns,
  p.saving_p50_ns / 1e6 AS gain_ms,
  coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS endpoint, p.service, p.parent_operation,
  p.operation AS call, p.n_p50 AS n, p.traces AS hits, p.examined, p.total_p50_ns / 1e6 AS sum_ms,
  p.saving_p50_ns / 1e6 AS saving_ms, p.detail, p.example_parent_id AS example_span_id, p.example_trace_id
FROM call_pattern AS p
WHERE p.kind = 'chatty' AND p.n_p50 >= :n AND p.saving_p50_ns >= :save * 1000000 AND p.traces >= :share * p.examined
ORDER BY p.saving_p50_ns DESC, endpoint, p.operation LIMIT 100
