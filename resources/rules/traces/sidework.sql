-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-side-work-on-critical-path"
version = 1
title = "Users wait for work they do not need"
headline = "{span} takes {side_ms} of {endpoint}; without it {rest_ms}"
severity = "warning"
needs = ["traces"]
rung = 4
summary = "In {hits} of the {slow} slowest traces of {endpoint} the critical path runs through {span} for {side_ms} (median) of {total_ms}. Off the path the request takes {rest_ms}: by its name the user does not wait for its result."
cause = "A side effect inside the request."
checks = ["May it fail or come late?", "Must it keep its order?", "Who watches the queue?"]
fix = """
1. A short limit, and a good answer without it.
2. A queue: publish, answer, work later.
3. Let the client fetch it later."""
proof = "The critical path without it; the queue drains."
risk = "Effects come later, and lost messages need somebody who looks."
refuse = "A faster mail or image service while users still wait for it."
quiet = "Less than 50 ms, fewer than 30 % of the slow traces, work beside the critical path, results that the answer needs (not visible in a trace: check)."
related = ["trace-wait-dominates", "trace-path-shares"]

[thresholds]
slow_n = { value = 20, unit = "traces", source = "set here: the slowest of each endpoint" }
slow_ms = { value = 100, unit = "ms", source = "common guideline for slow requests" }
ms = { value = 50, unit = "ms", source = "set here" }
share = { value = 0.3, unit = "share", source = "set here: in so many of the slowest" }
*/
WITH stored AS MATERIALIZED (SELECT DISTINCT c.trace_id FROM critical_segment AS c
), slow AS MATERIALIZED (
  SELECT r.* FROM (
    SELECT t.id, t.duration_ns, t.start_ns, coalesce(t.service || ': ', '') || t.operation AS endpoint,
      row_number() OVER (PARTITION BY t.service, t.operation ORDER BY t.duration_ns DESC, t.id) AS place
    FROM stored AS d CROSS JOIN trace AS t ON t.id = d.trace_id
    WHERE t.operation IS NOT NULL AND t.duration_ns >= :slow_ms * 1000000
  ) AS r WHERE r.place <= :slow_n
), side AS MATERIALIZED (
  SELECT s.endpoint, s.id AS trace_id, s.start_ns, s.duration_ns AS total_ns, c.duration_ns, p.id AS span_id, p.service,
    p.operation
  FROM slow AS s CROSS JOIN critical_segment AS c ON c.trace_id = s.id CROSS JOIN span AS p ON p.id = c.span_id
  WHERE regexp('(?i)(notif|e-?mail|mailer|smtp|sms|webhook|analytics|thumbnail|image.?resiz|invoice.?pdf|render.?pdf|search.?index|reindex|audit.?log|badge)',
    coalesce(p.service, '') || ' ' || p.operation)
), per_trace AS MATERIALIZED (
  SELECT d.endpoint, d.trace_id, d.start_ns, d.total_ns, sum(d.duration_ns) AS side_ns FROM side AS d GROUP BY d.trace_id
), grouped AS MATERIALIZED (
  SELECT t.endpoint, count(*) AS hits, p50(t.side_ns) AS side_ns, p50(t.total_ns) AS total_ns,
    p50(t.total_ns - t.side_ns) AS rest_ns, min(t.start_ns) AS start_ns, max(t.start_ns + t.total_ns) AS end_ns,
    (SELECT count(*) FROM slow AS s WHERE s.endpoint = t.endpoint) AS slow
  FROM per_trace AS t WHERE t.side_ns >= :ms * 1000000 GROUP BY t.endpoint
), largest AS (
  SELECT g.*, (SELECT d.span_id FROM side AS d WHERE d.endpoint = g.endpoint ORDER BY d.duration_ns DESC, d.span_id
    LIMIT 1) AS example_span_id
  FROM grouped AS g WHERE g.hits >= :share * g.slow
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(p.service || ': ', '') || p.operation AS subject_id,
  l.start_ns, l.end_ns, l.side_ns / 1e6 AS gain_ms,
  l.endpoint, p.service, coalesce(p.service || ': ', '') || p.operation AS span, l.hits, l.slow,
  l.side_ns / 1e6 AS side_ms, l.total_ns / 1e6 AS total_ms, l.rest_ns / 1e6 AS rest_ms, l.example_span_id,
  p.trace_id AS example_trace_id
FROM largest AS l JOIN span AS p ON p.id = l.example_span_id
ORDER BY l.side_ns DESC, l.endpoint
