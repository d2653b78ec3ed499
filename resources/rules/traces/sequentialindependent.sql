-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-sequential-independent"
version = 1
title = "Independent calls run one after another"
headline = "{endpoint}: {n} calls run in a row, {saving_ms} could overlap"
severity = "warning"
needs = ["traces"]
rung = 5
summary = "In {hits} of {examined} examined traces of {endpoint}, {parent_operation} makes {n} calls without overlap ({calls}): {sum_ms} in a row, {longest_ms} side by side."
cause = "Each call is awaited before the next one begins."
checks = [
  "Does a later call need the answer of an earlier one?",
  "Can the service behind them take the calls at the same time?",
  "How many connections does one request then take from the pool?",
]
fix = """
1. Issue the calls together and join once.
2. Merge them into one call when they go to the same place.
3. Cache the part that changes rarely."""
proof = "The request is shorter by about the sum minus the longest call."
risk = "More simultaneous calls behind it; the slowest of several answers decides."
refuse = "Adding up the savings of several fixes: they overlap."
quiet = "Calls that need each other's answers (not visible in a trace: check), identical statements (N+1 says that), pauses of 5 ms and more between the calls, savings below a fifth of the request, fewer than 30 % of the traces."
related = ["stmt-n-plus-one", "trace-fan-out-tail"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
n = { value = 2, unit = "calls", source = "set here" }
gap = { value = 5, unit = "ms", source = "set here" }
save = { value = 0.2, unit = "share", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
min_ms = { value = 10, unit = "ms", source = "set here: smaller savings are not worth the code" }
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
  WHERE t.span_count BETWEEN 3 AND :spans AND t.duration_ns > 0 AND t.operation IS NOT NULL
), called AS MATERIALIZED (
  SELECT e.endpoint, e.id AS trace_id, e.duration_ns AS total_ns, e.start_ns AS trace_start_ns, s.id, s.parent_id,
    s.operation, s.start_ns, s.duration_ns
  FROM examined AS e CROSS JOIN span AS s ON s.trace_id = e.id
  WHERE s.kind = 'client' AND s.duration_ns > 0 AND s.parent_id IS NOT NULL
), spaced AS (
  SELECT c.*, c.start_ns - max(c.start_ns + c.duration_ns) OVER (PARTITION BY c.parent_id ORDER BY c.start_ns, c.id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS since_ns
  FROM called AS c
), numbered AS MATERIALIZED (
  SELECT s.*, sum(CASE WHEN s.since_ns BETWEEN 0 AND :gap * 1000000 THEN 0 ELSE 1 END)
    OVER (PARTITION BY s.parent_id ORDER BY s.start_ns, s.id) AS run
  FROM spaced AS s
), run AS MATERIALIZED (
  SELECT n.endpoint, n.trace_id, n.total_ns, n.trace_start_ns, n.parent_id, n.run, count(*) AS calls,
    sum(n.duration_ns) AS sum_ns, max(n.duration_ns) AS longest_ns, sum(n.duration_ns) - max(n.duration_ns) AS saving_ns
  FROM numbered AS n GROUP BY n.parent_id, n.run
  HAVING count(*) >= :n AND sum(n.duration_ns) - max(n.duration_ns) >= :save * n.total_ns
    AND sum(n.duration_ns) - max(n.duration_ns) >= :min_ms * 1000000
), placed AS MATERIALIZED (
  SELECT r.*, (SELECT p.service FROM span AS p WHERE p.id = r.parent_id) AS service,
    (SELECT p.operation FROM span AS p WHERE p.id = r.parent_id) AS parent_operation
  FROM run AS r
), grouped AS MATERIALIZED (
  SELECT p.endpoint, p.service, p.parent_operation, count(DISTINCT p.trace_id) AS hits, p50(p.saving_ns) AS saving_ns,
    min(p.trace_start_ns) AS start_ns, max(p.trace_start_ns + p.total_ns) AS end_ns,
    (SELECT count(*) FROM examined AS e WHERE e.endpoint = p.endpoint) AS examined
  FROM placed AS p GROUP BY p.endpoint, p.service, p.parent_operation
), example AS MATERIALIZED (
  SELECT g.*, (SELECT parent_id || '/' || run FROM (SELECT p.parent_id, p.run, abs(p.saving_ns - g.saving_ns) AS distance
      FROM placed AS p WHERE p.endpoint = g.endpoint AND p.service IS g.service
        AND p.parent_operation IS g.parent_operation) ORDER BY distance, parent_id, run LIMIT 1) AS example_key
  FROM grouped AS g WHERE g.hits >= :share * g.examined
), text_of AS MATERIALIZED (
  SELECT n.parent_id || '/' || n.run AS run_key, n.id, n.operation,
    coalesce(fingerprint((SELECT a.value FROM span_attribute AS a WHERE a.span_id = n.id
        AND a.key IN ('db.query.text', 'db.statement') LIMIT 1)),
      n.operation || ' ' || coalesce((SELECT a.value FROM span_attribute AS a WHERE a.span_id = n.id
        AND a.key IN ('peer.service', 'server.address', 'net.peer.name') ORDER BY a.key LIMIT 1), '')) AS identity
  FROM example AS x CROSS JOIN numbered AS n
  WHERE n.parent_id || '/' || n.run = x.example_key
)
SELECT 'warning' AS severity, 'operation' AS subject_kind,
  coalesce(x.service || ': ', '') || x.parent_operation AS subject_id, x.start_ns, x.end_ns,
  x.saving_ns / 1e6 AS gain_ms,
  x.endpoint, x.service, x.parent_operation, x.hits, x.examined, p.calls AS n, p.sum_ns / 1e6 AS sum_ms,
  p.longest_ns / 1e6 AS longest_ms, x.saving_ns / 1e6 AS saving_ms, p.total_ns / 1e6 AS total_ms,
  (SELECT group_concat(operation || CASE WHEN n > 1 THEN ' ×' || n ELSE '' END, ', ')
    FROM (SELECT t.operation, count(*) AS n FROM text_of AS t WHERE t.run_key = x.example_key
      GROUP BY t.operation ORDER BY min(t.id))) AS calls,
  p.parent_id AS example_span_id, p.trace_id AS example_trace_id
FROM example AS x JOIN placed AS p ON p.parent_id || '/' || p.run = x.example_key
WHERE (SELECT count(DISTINCT t.identity) FROM text_of AS t WHERE t.run_key = x.example_key) >= 2
ORDER BY x.saving_ns DESC, x.endpoint, x.parent_operation
