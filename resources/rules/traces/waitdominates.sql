-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-wait-dominates"
version = 1
title = "Slow requests wait"
headline = "{wait_ms} of {total_ms} ({share}) are waiting in {span}"
severity = "critical"
needs = ["traces"]
rung = 2
summary = "In {hits} of the {slow} slowest traces of {endpoint} at least half of the critical path is waiting in {span}. In the slowest one that succeeded {wait_ms} of {total_ms} ({share}) are waiting; {behind}."
cause = "More requests than one finite resource serves: the connections of a pool, a lock, a limiter, the workers of a queue. The work itself is not slow."
checks = [
  "What is waited for, and how much of it is there: size of the pool, of all pools together, and the limit of the server behind them?",
  "When did the demand rise: more instances with a pool each, more requests, longer holds?",
  "How long is the resource held per request: the query alone, or also reading, commit, other calls in between?",
  "Does the time limit of the wait outlive the client's?",
]
fix = """
1. Make the sum over all instances of the pool sizes fit the server: limit divided by the number of instances.
2. Wait no longer than the client does: an acquire limit of about 2 s, then refuse.
3. Hold it shorter: nothing but the statement between acquiring and returning.
4. Where the demand still exceeds capacity / hold time, cache or refuse: no size of a pool mends that."""
proof = "The share of waiting on the critical path of the slow requests falls below a tenth."
risk = "Requests that used to wait are refused instead; that must be wanted."
refuse = "An index for the statement behind the wait, more instances with a pool each, or simply a larger pool: each adds to the queue or leaves it."
quiet = "Requests that take less than 100 ms; waits of less than half of the critical path, or in less than half of the slowest traces; waits beside the critical path."
related = ["trace-unaccounted-gap", "trace-one-span-dominates"]

[thresholds]
slow_n = { value = 20, unit = "traces", source = "set here: the slowest of each endpoint" }
slow_ms = { value = 100, unit = "ms", source = "common guideline for slow requests" }
share_w = { value = 0.5, unit = "share", source = "set here" }
share_c = { value = 0.8, unit = "share", source = "set here" }
little = { value = 0.02, unit = "share", source = "set here: too little to begin with" }
hits = { value = 0.5, unit = "share", source = "set here: in so many of the slowest" }
*/
WITH stored AS MATERIALIZED (SELECT DISTINCT c.trace_id FROM critical_segment AS c
), slow AS MATERIALIZED (
  SELECT r.* FROM (
    SELECT t.id, t.duration_ns, t.start_ns, t.error_count, coalesce(t.service || ': ', '') || t.operation AS endpoint,
      row_number() OVER (PARTITION BY t.service, t.operation ORDER BY t.duration_ns DESC, t.id) AS place
    FROM stored AS d CROSS JOIN trace AS t ON t.id = d.trace_id
    WHERE t.operation IS NOT NULL AND t.duration_ns >= :slow_ms * 1000000
  ) AS r WHERE r.place <= :slow_n
), cohort AS MATERIALIZED (SELECT s.endpoint, count(*) AS n FROM slow AS s GROUP BY s.endpoint
), wait AS MATERIALIZED (
  SELECT s.endpoint, s.id AS trace_id, s.duration_ns AS total_ns, s.start_ns, s.error_count, p.service, p.operation,
    sum(c.duration_ns) AS wait_ns, max(c.position) AS position, min(c.span_id) AS span_id
  FROM slow AS s CROSS JOIN critical_segment AS c ON c.trace_id = s.id CROSS JOIN span AS p ON p.id = c.span_id
  WHERE c.class = 'wait'
  GROUP BY s.id, p.service, p.operation
), large AS MATERIALIZED (
  SELECT w.*, row_number() OVER (PARTITION BY w.endpoint, w.service, w.operation
    ORDER BY w.error_count > 0, w.total_ns DESC, w.trace_id) AS place
  FROM wait AS w WHERE w.wait_ns >= :share_w * w.total_ns
), grouped AS (
  SELECT l.endpoint, l.service, l.operation, count(*) AS hits, p50(l.wait_ns) AS gain_ns,
    p50(1.0 * l.wait_ns / l.total_ns) AS median_share, min(l.start_ns) AS start_ns,
    max(l.start_ns + l.total_ns) AS end_ns,
    (SELECT n FROM cohort AS c WHERE c.endpoint = l.endpoint) AS slow
  FROM large AS l GROUP BY l.endpoint, l.service, l.operation
), example AS MATERIALIZED (
  SELECT g.*, l.trace_id, l.span_id, l.wait_ns, l.total_ns,
    (SELECT c.span_id FROM critical_segment AS c WHERE c.trace_id = l.trace_id AND c.position > l.position
      AND c.kind = 'self' AND c.class <> 'wait' ORDER BY c.position LIMIT 1) AS next_id
  FROM grouped AS g JOIN large AS l ON l.endpoint = g.endpoint AND l.service IS g.service
    AND l.operation = g.operation AND l.place = 1
  WHERE g.hits >= :hits * g.slow
), behind AS (
  SELECT e.*, (SELECT p.operation FROM span AS p WHERE p.id = e.next_id) AS next_operation,
    (SELECT sum(c.duration_ns) FROM critical_segment AS c WHERE c.trace_id = e.trace_id AND c.span_id = e.next_id)
      AS next_ns
  FROM example AS e
)
SELECT CASE WHEN b.median_share >= :share_c THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(b.service || ': ', '') || b.operation AS subject_id, b.start_ns, b.end_ns,
  b.gain_ns / 1e6 AS gain_ms, CASE WHEN b.slow < 5 THEN 0.3 ELSE 0.1 END AS doubt,
  b.endpoint, b.service, coalesce(b.service || ': ', '') || b.operation AS span, b.hits, b.slow,
  b.wait_ns / 1e6 AS wait_ms, b.total_ns / 1e6 AS total_ms, printf('%.2f %%', 100.0 * b.wait_ns / b.total_ns) AS share,
  100.0 * b.wait_ns / b.total_ns AS share_pct, 100.0 * b.median_share AS median_share_pct, b.next_operation,
  b.next_ns / 1e6 AS next_ms, 100.0 * b.next_ns / b.total_ns AS next_share_pct,
  coalesce('what it waits for, ' || b.next_operation || ', takes ' || human_ms(b.next_ns / 1e6)
    || printf(' (%.2f %%)', 100.0 * b.next_ns / b.total_ns)
    || CASE WHEN b.next_ns < :little * b.total_ns THEN ': making it faster wins next to nothing' ELSE '' END,
    'no other span follows it on the path') AS behind,
  b.span_id AS example_span_id, b.trace_id AS example_trace_id
FROM behind AS b
ORDER BY b.gain_ns DESC, b.endpoint, b.operation
