-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-edge-to-app-gap"
version = 1
title = "Time lost before the application starts"
headline = "{gap_ms} between {edge} and {app}"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "In {hits} of {examined} examined traces of {endpoint}, {edge} has the request {gap_ms} (median) before {app} begins with it."
cause = "A full accept queue, too few workers, TLS, the balancer's own queue, the network in between."
checks = ["Are the clocks of both right? An offset is the same for every request.", "Length of the accept queue and number of workers.", "One instance or all?"]
fix = """
1. Free workers: what holds them?
2. Keep connections open between edge and application, and a backlog that fits."""
proof = "The application begins within 100 ms."
risk = "None: nothing is changed."
refuse = "Tuning handlers that never saw the time."
quiet = "Less than 100 ms, fewer than three traces, fewer than 30 % of the endpoint's, a gap that is the same in all of them (an offset of clocks)."
related = ["trace-unaccounted-gap", "trace-client-server-gap"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
ms = { value = 100, unit = "ms", source = "set here" }
n = { value = 3, unit = "traces", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the traces" }
same = { value = 0.9, unit = "share", source = "set here: shortest to longest gap of a clock offset" }
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
), gap AS MATERIALIZED (
  SELECT e.endpoint, e.id AS trace_id, e.start_ns AS trace_start_ns, coalesce(e.duration_ns, 0) AS total_ns, g.span_id,
    g.duration_ns AS gap_ns, s.service, s.operation, a.service AS app_service, a.operation AS app_operation
  FROM examined AS e CROSS JOIN trace_gap AS g ON g.trace_id = e.id CROSS JOIN span AS s ON s.id = g.span_id
    CROSS JOIN span AS a ON a.id = g.after_span_id
  WHERE g.place = 'before_first' AND g.duration_ns >= :ms * 1000000 AND s.kind = 'server' AND a.kind = 'server'
    AND a.service IS NOT s.service
), grouped AS MATERIALIZED (
  SELECT g.endpoint, g.service, g.operation, g.app_service, g.app_operation, count(DISTINCT g.trace_id) AS hits,
    p50(g.gap_ns) AS gap_ns, min(g.gap_ns) AS least_ns, max(g.gap_ns) AS most_ns, min(g.trace_start_ns) AS start_ns,
    max(g.trace_start_ns + g.total_ns) AS end_ns,
    (SELECT count(*) FROM examined AS e WHERE e.endpoint = g.endpoint) AS examined
  FROM gap AS g GROUP BY g.endpoint, g.service, g.operation, g.app_service, g.app_operation
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(g.service || ': ', '') || g.operation AS subject_id,
  g.start_ns, g.end_ns, g.gap_ns / 1e6 AS gain_ms,
  g.endpoint, g.service, coalesce(g.service || ': ', '') || g.operation AS edge,
  coalesce(g.app_service || ': ', '') || g.app_operation AS app, g.hits, g.examined, g.gap_ns / 1e6 AS gap_ms,
  g.least_ns / 1e6 AS least_ms, g.most_ns / 1e6 AS most_ms,
  (SELECT span_id FROM (SELECT x.span_id, abs(x.gap_ns - g.gap_ns) AS distance FROM gap AS x
      WHERE x.endpoint = g.endpoint AND x.service IS g.service AND x.operation = g.operation
        AND x.app_service IS g.app_service AND x.app_operation = g.app_operation)
    ORDER BY distance, span_id LIMIT 1) AS example_span_id
FROM grouped AS g
WHERE g.hits >= :n AND g.hits >= :share * g.examined AND NOT (g.hits = g.examined AND g.least_ns >= :same * g.most_ns)
ORDER BY g.gap_ns DESC, subject_id
