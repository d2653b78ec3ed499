-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-client-server-gap"
version = 1
title = "The caller waits far longer than the server works"
headline = "{span} takes {client_ms} where the server needs {server_ms}"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "P90 of {calls} examined calls of {span} is {client_ms}, P90 of the server's span {server_ms} ({ratio_x}). {way_ms} (median) are the way there and back, with what queues in between."
cause = "Distance, a large payload, queues in front of the server (accept queue, proxy, balancer), new connections."
checks = ["By region of caller and server.", "By size of request and answer.", "What lies between: proxy, mesh, balancer, and their queues?"]
fix = """
1. Bring caller and server together, or ask less often.
2. Compress and shrink what is sent.
3. Workers for what waits in front of the server."""
proof = "P90 of the caller comes down to that of the server."
risk = "None: nothing is changed."
refuse = "Making the server faster: it cannot win back time it does not spend."
quiet = "Fewer than 100 calls whose server is traced, a difference below 20 ms."
related = ["trace-gap-dns", "trace-edge-to-app-gap"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
x = { value = 3, unit = "times", source = "set here" }
ms = { value = 20, unit = "ms", source = "set here" }
n = { value = 100, unit = "calls", source = "set here" }
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
), grouped AS MATERIALIZED (
  SELECT c.service, c.operation, count(*) AS calls, percentile(c.client_ns, 0.9) AS client_ns,
    percentile(c.server_ns, 0.9) AS server_ns, p50(c.client_ns - c.server_ns) AS way_ns, min(c.endpoint) AS endpoint,
    min(c.trace_start_ns) AS start_ns, max(c.trace_start_ns + c.total_ns) AS end_ns
  FROM call AS c WHERE c.server_ns IS NOT NULL GROUP BY c.service, c.operation
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(g.service || ': ', '') || g.operation AS subject_id,
  g.start_ns, g.end_ns, (g.client_ns - g.server_ns) / 1e6 AS gain_ms,
  g.endpoint, g.service, coalesce(g.service || ': ', '') || g.operation AS span, g.calls, g.client_ns / 1e6 AS client_ms,
  g.server_ns / 1e6 AS server_ms, 1.0 * g.client_ns / g.server_ns AS ratio_x, g.way_ns / 1e6 AS way_ms,
  (SELECT id FROM (SELECT c.id, abs(c.client_ns - g.client_ns) AS distance FROM call AS c WHERE c.service IS g.service
      AND c.operation = g.operation AND c.server_ns IS NOT NULL) ORDER BY distance, id LIMIT 1) AS example_span_id
FROM grouped AS g
WHERE g.calls >= :n AND g.server_ns > 0 AND g.client_ns >= :x * g.server_ns
  AND g.client_ns - g.server_ns >= :ms * 1000000
ORDER BY gain_ms DESC, g.service, g.operation
