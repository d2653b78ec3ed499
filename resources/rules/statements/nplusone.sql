-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-n-plus-one"
version = 1
title = "One query for the list, one more for every row"
headline = "{endpoint}: {n} times {call} below {parent_operation}"
severity = "critical"
needs = ["traces"]
rung = 5
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} makes {n} calls of {call} that differ only in a value, {sum_ms} together. The same data comes with one or two calls."
cause = "Lazy loading in a loop, a resolver per item, or a join in the application."
checks = [
  "Does the value come from the rows of the first query?",
  "Do the calls run one after another?",
  "How does the number grow with the size of the answer?",
]
fix = """
1. Load what belongs together at once: WHERE <foreign key> = ANY(<ids>) gives two queries.
2. Or one query with a join.
3. A batch loader where the code asks per item.
4. Cap the page size."""
proof = "The number of calls per request stays the same for any size of the answer."
risk = "One larger result; a join over two lists multiplies the rows."
refuse = "More connections, a cache or a replica for it."
quiet = "Fewer than 10 calls, calls that overlap (a deliberate batch), repeats of one identical call (a cache question), fewer than 30 % of the traces."
related = ["trace-sequential-independent", "trace-chatty-cache"]

[thresholds]
traces = { value = 500, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
n_w = { value = 10, unit = "calls", source = "set here" }
n_c = { value = 100, unit = "calls", source = "common guideline" }
t_c = { value = 200, unit = "ms", source = "set here" }
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
), family AS MATERIALIZED (
  SELECT e.endpoint, e.id AS trace_id, e.start_ns AS trace_start_ns, e.duration_ns AS total_ns, s.parent_id,
    s.operation, count(*) AS members, sum(s.duration_ns) AS sum_ns,
    max(s.start_ns + s.duration_ns) - min(s.start_ns) AS stretch_ns
  FROM examined AS e CROSS JOIN span AS s ON s.trace_id = e.id
  WHERE s.kind = 'client' AND s.parent_id IS NOT NULL AND s.duration_ns IS NOT NULL
  GROUP BY e.id, s.parent_id, s.operation
  HAVING count(*) >= :n_w AND max(s.start_ns + s.duration_ns) - min(s.start_ns) >= 0.5 * sum(s.duration_ns)
), placed AS MATERIALIZED (
  SELECT f.*, (SELECT p.service FROM span AS p WHERE p.id = f.parent_id) AS service,
    (SELECT p.operation FROM span AS p WHERE p.id = f.parent_id) AS parent_operation
  FROM family AS f
), grouped AS MATERIALIZED (
  SELECT p.endpoint, p.service, p.parent_operation, p.operation, count(DISTINCT p.trace_id) AS hits, p50(p.members) AS usual,
    min(p.trace_start_ns) AS start_ns, max(p.trace_start_ns + p.total_ns) AS end_ns,
    (SELECT count(*) FROM examined AS e WHERE e.endpoint = p.endpoint) AS examined
  FROM placed AS p GROUP BY p.endpoint, p.service, p.parent_operation, p.operation
), example AS MATERIALIZED (
  SELECT g.*, (SELECT parent_id FROM (SELECT p.parent_id, abs(p.members - g.usual) AS distance FROM placed AS p
      WHERE p.endpoint = g.endpoint AND p.service IS g.service AND p.parent_operation IS g.parent_operation
        AND p.operation IS g.operation) ORDER BY distance, parent_id LIMIT 1) AS parent_id
  FROM grouped AS g WHERE g.hits >= :share * g.examined
  ORDER BY g.usual DESC, g.endpoint, g.operation LIMIT 20
), call AS MATERIALIZED (
  SELECT x.parent_id, x.operation, s.id,
    (SELECT a.value FROM span_attribute AS a WHERE a.span_id = s.id
      AND a.key IN ('db.query.text', 'db.statement') LIMIT 1) AS statement,
    (SELECT a.value FROM span_attribute AS a WHERE a.span_id = s.id AND a.key IN ('url.full', 'http.url') LIMIT 1)
      AS url
  FROM example AS x CROSS JOIN span AS s ON s.parent_id = x.parent_id
  WHERE s.kind = 'client' AND s.operation IS x.operation
  ORDER BY x.parent_id, s.id LIMIT 4000
), kin AS MATERIALIZED (
  -- The largest set of calls with one fingerprint; calls without a statement are kin by their operation.
  SELECT c.parent_id, c.operation, coalesce(fingerprint(c.statement), c.operation) AS identity, count(*) AS n,
    count(DISTINCT coalesce(c.statement, c.url)) AS texts, count(coalesce(c.statement, c.url)) AS known,
    max(coalesce(c.statement, '') GLOB '*$[0-9]*' OR instr(coalesce(c.statement, ''), '?') > 0
      OR instr(coalesce(c.statement, ''), '%s') > 0 OR coalesce(c.statement, '') GLOB '*[^:]:[a-z]*') AS has_parameter
  FROM call AS c GROUP BY c.parent_id, c.operation, identity
)
SELECT CASE WHEN k.n >= :n_c OR p.sum_ns >= :t_c * 1000000 THEN 'critical' ELSE 'warning' END AS severity,
  'operation' AS subject_kind, coalesce(x.service || ': ', '') || x.parent_operation AS subject_id, x.start_ns, x.end_ns,
  p.sum_ns * (1 - 2.0 / p.members) / 1e6 AS gain_ms,
  x.endpoint, x.service, x.parent_operation, x.operation AS call, k.n, x.hits, x.examined, p.sum_ns / 1e6 AS sum_ms,
  p.total_ns / 1e6 AS total_ms, k.identity AS fingerprint, x.parent_id AS example_span_id,
  p.trace_id AS example_trace_id
FROM example AS x
JOIN placed AS p ON p.parent_id = x.parent_id AND p.operation IS x.operation
JOIN kin AS k ON k.parent_id = x.parent_id AND k.operation IS x.operation
WHERE k.n >= :n_w AND (k.known = 0 OR k.texts > 1 OR k.has_parameter)
  AND k.n = (SELECT max(n) FROM kin AS o WHERE o.parent_id = k.parent_id AND o.operation IS k.operation)
ORDER BY p.sum_ns DESC, x.endpoint, x.operation
