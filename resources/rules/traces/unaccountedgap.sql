-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-unaccounted-gap"
version = 1
title = "Time that no span explains"
headline = "{gap_ms} of {endpoint} lie {place}, in no span"
severity = "critical"
needs = ["traces"]
rung = 6
summary = "In {hits} of {examined} examined traces of {endpoint}, {span_operation} holds {gap_ms} (median) of {total_ms} in which none of its children runs: {place}. What is not measured cannot be tuned."
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
quiet = "Leaf spans (their own time is work), gaps below 20 ms, gaps below a fifth of the request unless they reach 50 ms and a twentieth of it, gaps in fewer than 30 % of the traces, asynchronous children that cover the time."
related = ["trace-sequential-independent", "trace-one-span-dominates"]

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
  SELECT e.endpoint, e.id AS trace_id, e.duration_ns AS total_ns, e.start_ns AS trace_start_ns, s.id AS span_id,
    s.service, s.operation, s.start_ns, s.duration_ns, s.gap_ns
  FROM examined AS e CROSS JOIN span AS s ON s.trace_id = e.id
  WHERE s.gap_ns >= :ms * 1000000
    AND (s.gap_ns >= :w * e.duration_ns
      OR (s.gap_ns >= :long_ms * 1000000 AND s.gap_ns >= :long_w * e.duration_ns))
), grouped AS MATERIALIZED (
  SELECT g.endpoint, g.service, g.operation, count(DISTINCT g.trace_id) AS hits, p50(g.gap_ns) AS gap_ns,
    p50(g.total_ns) AS total_ns, min(g.trace_start_ns) AS start_ns, max(g.trace_start_ns + g.total_ns) AS end_ns,
    (SELECT count(*) FROM examined AS e WHERE e.endpoint = g.endpoint) AS examined
  FROM gap AS g GROUP BY g.endpoint, g.service, g.operation
), repeated AS MATERIALIZED (
  SELECT r.*, (SELECT span_id FROM (SELECT g.span_id, abs(g.gap_ns - r.gap_ns) AS distance FROM gap AS g
      WHERE g.endpoint = r.endpoint AND g.service IS r.service AND g.operation IS r.operation)
      ORDER BY distance, span_id LIMIT 1) AS example_span_id
  FROM grouped AS r WHERE r.hits >= :share * r.examined
), example AS MATERIALIZED (
  SELECT DISTINCT g.span_id, g.trace_id, g.start_ns, g.start_ns + g.duration_ns AS end_ns
  FROM repeated AS r JOIN gap AS g ON g.span_id = r.example_span_id
), child AS MATERIALIZED (
  SELECT e.span_id, c.operation, c.start_ns,
    max(e.start_ns, coalesce(max(c.start_ns + c.duration_ns) OVER earlier, e.start_ns)) AS free_from_ns,
    lag(c.operation) OVER in_time AS previous
  FROM example AS e CROSS JOIN span AS c ON c.parent_id = e.span_id
  WHERE c.duration_ns IS NOT NULL
  WINDOW in_time AS (PARTITION BY e.span_id ORDER BY c.start_ns, c.id),
    earlier AS (PARTITION BY e.span_id ORDER BY c.start_ns, c.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), piece AS (
  SELECT c.span_id, c.start_ns - c.free_from_ns AS length_ns,
    CASE WHEN c.previous IS NULL THEN 'before ' || c.operation
      ELSE 'between ' || c.previous || ' and ' || c.operation END AS place
  FROM child AS c
  UNION ALL
  SELECT e.span_id, e.end_ns - max(c.start_ns + c.duration_ns), 'after the last child'
  FROM example AS e CROSS JOIN span AS c ON c.parent_id = e.span_id
  WHERE c.duration_ns IS NOT NULL GROUP BY e.span_id
), located AS (
  SELECT p.span_id, p.place, row_number() OVER (PARTITION BY p.span_id ORDER BY p.length_ns DESC, p.place) AS rank
  FROM piece AS p
)
SELECT CASE WHEN r.gap_ns >= :c * r.total_ns THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(r.service || ': ', '') || r.operation AS subject_id, r.start_ns, r.end_ns,
  r.gap_ns / 1e6 AS gain_ms,
  r.endpoint, r.service, r.operation AS span_operation, r.hits, r.examined, r.gap_ns / 1e6 AS gap_ms,
  r.total_ns / 1e6 AS total_ms, min(100.0, 100.0 * r.gap_ns / r.total_ns) AS share_pct,
  coalesce(l.place, 'beside its children') AS place, r.example_span_id,
  (SELECT e.trace_id FROM example AS e WHERE e.span_id = r.example_span_id) AS example_trace_id
FROM repeated AS r LEFT JOIN located AS l ON l.span_id = r.example_span_id AND l.rank = 1
ORDER BY r.gap_ns DESC, r.endpoint, r.operation
