-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-gap-dns"
version = 1
title = "Name lookup or connecting before calls"
headline = "{gap_ms} pass before {span} reaches the other side, in {hits} of {calls} calls"
severity = "critical"
needs = ["traces"]
rung = 3
summary = "The server answers {span} in {server_ms} (median), but in {hits} of {calls} examined calls {gap_ms} pass on the caller's side before the server begins, and {back_ms} on the way back. {shape} These calls: {trait}."
cause = "Name lookup without a cache, a search list that asks several times for an external name, an overloaded resolver; else connecting (TCP, TLS) for every call."
checks = [
  "Only on new connections? Then it is lookup or connecting.",
  "Does the resolver answer, and how often is it asked per call (search list, ndots)?",
  "Time one call in parts: lookup, connect, TLS, first byte.",
]
fix = """
1. Keep connections open and reuse them: no lookup, no handshake.
2. Ask for full names (with a dot at the end), or shorten the search list.
3. A cache of names on each node."""
proof = "The time before the server's span falls to that of the way back."
risk = "Addresses that are cached for long go stale when a service moves."
refuse = "Tuning the server: it does not have the request yet."
quiet = "Less than 50 ms, less than three times the way back (distance works both ways), lengths that differ widely, fewer than three such calls."
related = ["trace-client-server-gap", "trace-unaccounted-gap"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
w = { value = 50, unit = "ms", source = "common guideline for name lookup" }
c = { value = 500, unit = "ms", source = "incident reports" }
timeout = { value = 5000, unit = "ms", source = "time-out of common resolvers" }
back = { value = 3, unit = "times", source = "set here" }
spread = { value = 1.5, unit = "times", source = "set here: P90 of the gap to its median" }
n = { value = 3, unit = "calls", source = "set here" }
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
  WHERE t.span_count BETWEEN 2 AND :spans AND t.operation IS NOT NULL
), call AS MATERIALIZED (
  SELECT e.endpoint, e.id AS trace_id, e.start_ns AS trace_start_ns, coalesce(e.duration_ns, 0) AS total_ns, s.id, s.service,
    s.operation, s.duration_ns AS client_ns,
    (SELECT max(c.duration_ns) FROM span AS c WHERE c.parent_id = s.id AND c.kind = 'server') AS server_ns
  FROM examined AS e CROSS JOIN span AS s ON s.trace_id = e.id
  WHERE s.kind = 'client' AND s.duration_ns > 0
), timed AS MATERIALIZED (
  SELECT c.*, coalesce((SELECT g.duration_ns FROM trace_gap AS g WHERE g.trace_id = c.trace_id AND g.span_id = c.id
      AND g.place = 'before_first' AND g.class = 'network'), 0) AS gap_ns,
    coalesce((SELECT g.duration_ns FROM trace_gap AS g WHERE g.trace_id = c.trace_id AND g.span_id = c.id
      AND g.place = 'after_last' AND g.class = 'network'), 0) AS back_ns
  FROM call AS c WHERE c.server_ns IS NOT NULL
), late AS MATERIALIZED (
  SELECT t.* FROM timed AS t WHERE t.gap_ns >= :w * 1000000 AND t.gap_ns >= :back * t.back_ns
), grouped AS MATERIALIZED (
  SELECT l.service, l.operation, count(*) AS hits, p50(l.gap_ns) AS gap_ns, percentile(l.gap_ns, 0.9) AS p90_ns,
    p50(l.back_ns) AS back_ns, p50(l.server_ns) AS server_ns, p50(l.total_ns) AS total_ns,
    min(l.trace_start_ns) AS start_ns, max(l.trace_start_ns + l.total_ns) AS end_ns, min(l.endpoint) AS endpoint,
    (SELECT count(*) FROM timed AS t WHERE t.service IS l.service AND t.operation = l.operation) AS calls
  FROM late AS l GROUP BY l.service, l.operation
  HAVING count(*) >= :n AND percentile(l.gap_ns, 0.9) <= :spread * p50(l.gap_ns)
), compared AS MATERIALIZED (
  -- At most 2,000 calls are asked for their attributes.
  SELECT t.id, t.service, t.operation, EXISTS (SELECT 1 FROM late AS l WHERE l.id = t.id) AS is_late
  FROM timed AS t JOIN grouped AS g ON g.service IS t.service AND g.operation = t.operation
  ORDER BY is_late DESC, t.id LIMIT 2000
), sized AS MATERIALIZED (
  SELECT c.service, c.operation, sum(c.is_late) AS late, count(*) - sum(c.is_late) AS others
  FROM compared AS c GROUP BY c.service, c.operation
), trait AS MATERIALIZED (
  SELECT c.service, c.operation, a.key || '=' || a.value AS text, sum(c.is_late) AS late,
    count(*) - sum(c.is_late) AS others
  FROM compared AS c CROSS JOIN span_attribute AS a ON a.span_id = c.id
  WHERE a.scope = 'span' AND length(a.value) <= 60
  GROUP BY c.service, c.operation, a.key, a.value
), clustered AS (
  SELECT t.service, t.operation, group_concat(t.text, ', ') AS traits
  FROM (SELECT * FROM trait ORDER BY text) AS t JOIN sized AS s ON s.service IS t.service AND s.operation = t.operation
  WHERE t.late >= 0.9 * s.late AND s.others > 0 AND t.others <= 0.1 * s.others
  GROUP BY t.service, t.operation
)
SELECT CASE WHEN g.gap_ns >= :c * 1000000 THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(g.service || ': ', '') || g.operation AS subject_id, g.start_ns, g.end_ns,
  g.gap_ns / 1e6 AS gain_ms,
  g.endpoint, g.service, coalesce(g.service || ': ', '') || g.operation AS span, g.hits, g.calls,
  100.0 * g.hits / g.calls AS hits_pct, g.gap_ns / 1e6 AS gap_ms, g.p90_ns / 1e6 AS gap_p90_ms,
  g.back_ns / 1e6 AS back_ms, g.server_ns / 1e6 AS server_ms, g.total_ns / 1e6 AS total_ms,
  CASE WHEN abs(g.gap_ns / 1e6 - :timeout) <= 0.05 * :timeout
    THEN 'Five seconds are what a resolver waits for a lost answer: name lookup.'
    ELSE 'It takes the same time each time, as lookup and connecting do.' END AS shape,
  coalesce('all have ' || (SELECT c.traits FROM clustered AS c WHERE c.service IS g.service AND c.operation = g.operation)
    || ', which hardly any other call has', 'no attribute tells them from the others') AS trait,
  (SELECT l.id FROM late AS l WHERE l.service IS g.service AND l.operation = g.operation
    ORDER BY l.gap_ns DESC, l.id LIMIT 1) AS example_span_id,
  (SELECT l.trace_id FROM late AS l WHERE l.service IS g.service AND l.operation = g.operation
    ORDER BY l.gap_ns DESC, l.id LIMIT 1) AS example_trace_id
FROM grouped AS g
ORDER BY g.gap_ns * g.hits DESC, g.service, g.operation
