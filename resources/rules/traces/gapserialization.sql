-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-gap-serialization"
version = 1
title = "Time after the last child grows with the answer"
headline = "{gap_ms} at the end of {span} grow with the size of the answer"
severity = "warning"
needs = ["traces"]
rung = 4
summary = "In {spans_seen} examined spans of {span}, {gap_ms} (median) pass after the last child, and they grow with the size of the answer (r² = {r2}, {size_bytes} in the median): the data is there, but turning it into text takes its time."
cause = "A large answer, or a slow way of writing it."
checks = ["Did the answer grow at a deploy?", "Which serialiser, which version?", "Which fields does nobody read?"]
fix = """
1. Send less: fewer fields, pages.
2. A faster serialiser.
3. A binary format, where both ends are yours."""
proof = "The time after the last child falls."
risk = "Clients that read what is left out."
refuse = "Tuning the database."
quiet = "Less than 50 ms, fewer than 20 spans with a known size, no relation between time and size."
related = ["trace-unaccounted-gap"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
r = { value = 0.7, unit = "correlation", source = "set here" }
ms = { value = 50, unit = "ms", source = "common budget of an answer's making" }
n = { value = 20, unit = "spans", source = "set here" }
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
), tail AS MATERIALIZED (
  SELECT e.endpoint, e.start_ns AS trace_start_ns, coalesce(e.duration_ns, 0) AS total_ns, g.span_id, s.service, s.operation,
    g.duration_ns / 1e6 AS ms, (SELECT CAST(a.value AS REAL) FROM span_attribute AS a WHERE a.span_id = g.span_id
      AND a.key IN ('http.response.body.size', 'http.response_content_length', 'http.response.size',
        'rpc.response.size', 'rpc.response_size') LIMIT 1) AS size
  FROM examined AS e CROSS JOIN trace_gap AS g ON g.trace_id = e.id CROSS JOIN span AS s ON s.id = g.span_id
  WHERE g.place = 'after_last' AND g.class IN ('unknown', 'processing') AND s.kind IN ('server', 'internal')
), grouped AS MATERIALIZED (
  SELECT t.endpoint, t.service, t.operation, count(*) AS n, p50(t.ms) AS ms, p50(t.size) AS size,
    min(t.trace_start_ns) AS start_ns, max(t.trace_start_ns + t.total_ns) AS end_ns,
    count(*) * sum(t.size * t.ms) - sum(t.size) * sum(t.ms) AS xy,
    count(*) * sum(t.size * t.size) - sum(t.size) * sum(t.size) AS xx,
    count(*) * sum(t.ms * t.ms) - sum(t.ms) * sum(t.ms) AS yy
  FROM tail AS t WHERE t.size > 0 GROUP BY t.endpoint, t.service, t.operation
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(g.service || ': ', '') || g.operation AS subject_id,
  g.start_ns, g.end_ns, g.ms AS gain_ms,
  g.endpoint, g.service, coalesce(g.service || ': ', '') || g.operation AS span, g.n AS spans_seen, g.ms AS gap_ms,
  g.size AS size_bytes, g.xy * g.xy / (g.xx * g.yy) AS r2,
  (SELECT span_id FROM (SELECT t.span_id, abs(t.ms - g.ms) AS distance FROM tail AS t WHERE t.endpoint = g.endpoint
      AND t.service IS g.service AND t.operation = g.operation AND t.size > 0)
    ORDER BY distance, span_id LIMIT 1) AS example_span_id
FROM grouped AS g
WHERE g.n >= :n AND g.ms >= :ms AND g.xy > 0 AND g.xx > 0 AND g.yy > 0 AND g.xy * g.xy >= :r * :r * g.xx * g.yy
ORDER BY g.ms DESC, subject_id
