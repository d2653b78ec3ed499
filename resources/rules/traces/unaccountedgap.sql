-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-unaccounted-gap"
version = 2
title = "Time that no span explains"
headline = "{gap_ms} of {endpoint} lie {place}, in no span"
severity = "critical"
needs = ["traces"]
caused_by = ["trace-edge-to-app-gap", "trace-gap-serialization"]
rung = 6
summary = "In {hits} of {examined} examined traces of {endpoint}, {span_operation} holds {gap_ms} (median) of {total_ms} in which none of its children runs: {place}. At such a place lies {likely}. The longest: {longest_ms} of {longest_total_ms} ({longest_share}). What is not measured cannot be tuned."
cause = "Code without instrumentation, a queue or pool wait, garbage collection, name lookup, connection set-up, or serialisation."
checks = [
  "Before the first child: a wait for a worker, a pool or a lock.",
  "Before an outbound call: name lookup, TCP and TLS set-up, waiting for a connection.",
  "After the last child: serialisation of the answer.",
  "At the same instant in every trace of one instance: garbage collection.",
]
fix = """
1. Add spans for what may hide there: acquiring a connection, name lookup, connecting, serialising.
2. Then run the rule that matches the new span."""
proof = "The gap falls below a fifth of the request; the time shows up in named spans."
risk = "A few more spans per request."
refuse = "A restart before evidence is kept; guessing a cause from the size of the gap."
quiet = "Leaf spans (their own time is work), gaps below 20 ms, gaps below a fifth of the request unless they reach 50 ms and a twentieth of it, gaps in fewer than 30 % of the traces or beside the critical path, asynchronous children that cover the time, the way between a call and the server that answers it."
related = ["trace-wait-dominates", "trace-sequential-independent", "trace-one-span-dominates"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
w = { value = 0.2, unit = "share", source = "set here; sources name 0.2 to 0.3" }
c = { value = 0.5, unit = "share", source = "set here" }
ms = { value = 20, unit = "ms", source = "set here" }
long_ms = { value = 50, unit = "ms", source = "set here" }
long_w = { value = 0.05, unit = "share", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
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
), gap AS MATERIALIZED (
  -- The longest gap of each span: with max() the other columns come from the same row.
  SELECT e.endpoint, e.id AS trace_id, e.duration_ns AS total_ns, e.start_ns AS trace_start_ns, g.span_id,
    s.service, s.operation, max(g.duration_ns) AS gap_ns, g.place, g.before_span_id, g.after_span_id
  FROM examined AS e CROSS JOIN trace_gap AS g ON g.trace_id = e.id CROSS JOIN span AS s ON s.id = g.span_id
  WHERE g.class = 'unknown' AND 2 * g.critical_ns >= g.duration_ns AND g.duration_ns >= :ms * 1000000
    AND (g.duration_ns >= :w * e.duration_ns
      OR (g.duration_ns >= :long_ms * 1000000 AND g.duration_ns >= :long_w * e.duration_ns))
  GROUP BY g.span_id
), grouped AS MATERIALIZED (
  SELECT g.endpoint, g.service, g.operation, count(DISTINCT g.trace_id) AS hits, p50(g.gap_ns) AS gap_ns,
    p50(g.total_ns) AS total_ns, min(g.trace_start_ns) AS start_ns, max(g.trace_start_ns + g.total_ns) AS end_ns,
    (SELECT count(*) FROM examined AS e WHERE e.endpoint = g.endpoint) AS examined
  FROM gap AS g GROUP BY g.endpoint, g.service, g.operation
), repeated AS MATERIALIZED (
  SELECT r.*, (SELECT span_id FROM (SELECT g.span_id, abs(g.gap_ns - r.gap_ns) AS distance FROM gap AS g
      WHERE g.endpoint = r.endpoint AND g.service IS r.service AND g.operation IS r.operation)
      ORDER BY distance, span_id LIMIT 1) AS example_span_id,
    (SELECT g.span_id FROM gap AS g WHERE g.endpoint = r.endpoint AND g.service IS r.service
      AND g.operation IS r.operation ORDER BY g.gap_ns DESC, g.span_id LIMIT 1) AS longest_span_id
  FROM grouped AS r WHERE r.hits >= :share * r.examined
), located AS (
  SELECT r.*, g.trace_id AS example_trace_id, g.place AS kind,
    (SELECT b.operation FROM span AS b WHERE b.id = g.before_span_id) AS before_operation,
    (SELECT a.operation FROM span AS a WHERE a.id = g.after_span_id) AS after_operation,
    (SELECT a.kind FROM span AS a WHERE a.id = g.after_span_id) AS after_kind,
    EXISTS (SELECT 1 FROM span_attribute AS a WHERE a.span_id = g.after_span_id
      AND a.key IN ('db.system.name', 'db.system')) AS before_database,
    l.gap_ns AS longest_ns, l.total_ns AS longest_total_ns
  FROM repeated AS r JOIN gap AS g ON g.span_id = r.example_span_id JOIN gap AS l ON l.span_id = r.longest_span_id
)
SELECT CASE WHEN r.gap_ns >= :c * r.total_ns THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(r.service || ': ', '') || r.operation AS subject_id, r.start_ns, r.end_ns,
  r.gap_ns / 1e6 AS gain_ms,
  r.endpoint, r.service, r.operation AS span_operation, r.hits, r.examined, r.gap_ns / 1e6 AS gap_ms,
  r.total_ns / 1e6 AS total_ms, min(100.0, 100.0 * r.gap_ns / r.total_ns) AS share_pct,
  CASE r.kind WHEN 'before_first' THEN 'before ' || r.after_operation
    WHEN 'between' THEN 'between ' || r.before_operation || ' and ' || r.after_operation
    ELSE 'after the last child' END AS place,
  CASE WHEN r.before_database THEN 'the wait for a connection of the pool, when no span shows it'
    WHEN r.after_kind = 'client' THEN 'name lookup, connecting or waiting for a connection'
    WHEN r.kind = 'before_first' THEN 'a wait for a worker, a pool or a lock'
    WHEN r.kind = 'after_last' THEN 'the making of the answer'
    ELSE 'code without a span, a wait or a pause of the garbage collector' END AS likely,
  r.longest_ns / 1e6 AS longest_ms, r.longest_total_ns / 1e6 AS longest_total_ms,
  printf('%.2f %%', min(100.0, 100.0 * r.longest_ns / r.longest_total_ns)) AS longest_share,
  r.example_span_id, r.longest_span_id, r.example_trace_id
FROM located AS r
ORDER BY r.gap_ns DESC, r.endpoint, r.operation
