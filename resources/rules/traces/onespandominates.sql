-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-one-span-dominates"
version = 2
title = "One span holds nearly the whole request"
headline = "{span} holds {share_pct} of the slow requests to {endpoint}"
severity = "critical"
needs = ["traces"]
caused_by = ["trace-wait-dominates"]
rung = 6
summary = "In {hits} of the {slow} slowest examined traces of {endpoint}, {span} alone takes {self_ms} of {total_ms} ({share_pct}). The process waits there, it does not work."
cause = "Waiting for one finite resource: a connection, a lock, another service, a file descriptor, a rate limit, a disk."
checks = [
  "What kind of span is it: acquiring a connection, SQL, HTTP, a lock?",
  "SQL: wait event and blocker at that time, and the plan.",
  "HTTP: its own server span, and the time limit of the call.",
]
fix = "1. Run the rule of that resource: this finding names the place, not yet the cause."
proof = "The share of that span among the slow requests falls."
risk = "None: nothing is changed."
refuse = "More instances, or a restart, before it is known what is waited for."
quiet = "Fewer than 20 slow traces, requests that take less than 100 ms, spans with children of their own, root spans."
related = ["trace-unaccounted-gap", "stmt-n-plus-one"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
share_w = { value = 0.8, unit = "share", source = "set here" }
share_c = { value = 0.95, unit = "share", source = "incident reports" }
slow_n = { value = 20, unit = "traces", source = "set here" }
slow_ms = { value = 100, unit = "ms", source = "common guideline for slow requests" }
*/
WITH RECURSIVE step(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM step WHERE k + 1 < :traces),
span_of_ids AS (
  SELECT (SELECT id FROM trace ORDER BY id LIMIT 1) AS first, (SELECT id FROM trace ORDER BY id DESC LIMIT 1) AS last
), picked AS MATERIALIZED (
  SELECT DISTINCT (SELECT t.id FROM trace AS t WHERE t.id >= i.first + (i.last - i.first + 1) * s.k / :traces
    ORDER BY t.id LIMIT 1) AS id
  FROM step AS s CROSS JOIN span_of_ids AS i
), examined AS MATERIALIZED (
  SELECT t.id, t.duration_ns, t.start_ns, coalesce(t.service || ': ', '') || t.operation AS endpoint
  FROM picked AS p CROSS JOIN trace AS t ON t.id = p.id
  WHERE t.span_count BETWEEN 2 AND :spans AND t.duration_ns > 0 AND t.operation IS NOT NULL
), tail AS MATERIALIZED (
  SELECT e.endpoint, p95(e.duration_ns) AS p95_ns FROM examined AS e GROUP BY e.endpoint
), slow AS MATERIALIZED (
  SELECT e.*, count(*) OVER (PARTITION BY e.endpoint) AS n
  FROM examined AS e JOIN tail AS t ON t.endpoint = e.endpoint
  WHERE e.duration_ns >= t.p95_ns AND e.duration_ns >= :slow_ms * 1000000
), large AS MATERIALIZED (
  SELECT s.endpoint, s.n, s.id AS trace_id, s.duration_ns AS total_ns, s.start_ns AS trace_start_ns, p.id AS span_id,
    p.service, p.operation, p.self_ns
  FROM slow AS s CROSS JOIN span AS p ON p.trace_id = s.id
  WHERE s.n >= :slow_n AND p.parent_id IS NOT NULL AND p.self_ns >= :share_w * s.duration_ns
    AND p.self_ns = p.duration_ns
)
SELECT CASE WHEN p50(1.0 * l.self_ns / l.total_ns) >= :share_c THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(l.service || ': ', '') || l.operation AS subject_id,
  min(l.trace_start_ns) AS start_ns, max(l.trace_start_ns + l.total_ns) AS end_ns, p50(l.self_ns) / 1e6 AS gain_ms,
  l.endpoint, l.service, coalesce(l.service || ': ', '') || l.operation AS span, count(DISTINCT l.trace_id) AS hits,
  max(l.n) AS slow, p50(l.self_ns) / 1e6 AS self_ms, p50(l.total_ns) / 1e6 AS total_ms,
  100.0 * p50(1.0 * l.self_ns / l.total_ns) AS share_pct, min(l.span_id) AS example_span_id,
  min(l.trace_id) AS example_trace_id
FROM large AS l
GROUP BY l.endpoint, l.service, l.operation
HAVING count(DISTINCT l.trace_id) >= 0.5 * max(l.n)
ORDER BY gain_ms DESC, l.endpoint, l.operation
