-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-async-queue-wait"
version = 1
title = "Messages wait longer than they are worked on"
headline = "{span}: a message waits {wait_ms}, the work takes {work_ms}"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "In {messages} examined messages the time from the end of publishing to the begin of {span} is {wait_ms} (median, at most {longest_ms}), the work {work_ms}. The wait is no part of the latency of the request that published it."
cause = "Too few consumers, stalled ones, or messages that are put off on purpose."
checks = ["Length of the queue, and does it fall?", "What do the consumers wait for themselves?", "Are other messages served first?"]
fix = """
1. Restore consumers, or add some if what they call has room.
2. Give slow kinds of messages a queue of their own."""
proof = "P95 of the wait falls below ten times the work."
risk = "More consumers load what they call."
refuse = "More consumers while what they call is slow; counting the wait into the request."
quiet = "Less than a minute, less than ten times the work, messages that are put off on purpose (not visible in a trace: check)."
related = ["trace-data-quality"]

[thresholds]
traces = { value = 1000, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
x = { value = 10, unit = "times", source = "set here" }
s = { value = 60, unit = "s", source = "set here" }
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
  WHERE t.span_count <= :spans AND t.operation IS NOT NULL
), consumer AS MATERIALIZED (
  SELECT e.endpoint, s.id, s.service, s.operation, s.start_ns, s.duration_ns, coalesce(
    (SELECT p.id FROM span AS p WHERE p.id = s.parent_id AND p.kind = 'producer'),
    (SELECT p.id FROM span_link AS l JOIN span AS p ON p.id = l.linked_span_id WHERE l.span_id = s.id
      AND p.kind = 'producer' LIMIT 1)) AS producer_id
  FROM examined AS e CROSS JOIN span AS s ON s.trace_id = e.id
  WHERE s.kind = 'consumer' AND s.duration_ns IS NOT NULL
), message AS MATERIALIZED (
  SELECT c.*, c.start_ns - p.start_ns - p.duration_ns AS wait_ns, p.start_ns AS sent_ns
  FROM consumer AS c JOIN span AS p ON p.id = c.producer_id
  WHERE p.duration_ns IS NOT NULL AND c.start_ns >= p.start_ns + p.duration_ns
), grouped AS MATERIALIZED (
  SELECT m.service, m.operation, count(*) AS messages, p50(m.wait_ns) AS wait_ns, max(m.wait_ns) AS longest_ns,
    p50(m.duration_ns) AS work_ns, min(m.sent_ns) AS start_ns, max(m.start_ns + m.duration_ns) AS end_ns,
    min(m.endpoint) AS endpoint
  FROM message AS m GROUP BY m.service, m.operation
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, coalesce(g.service || ': ', '') || g.operation AS subject_id,
  g.start_ns, g.end_ns, NULL AS gain_ms,
  g.endpoint, g.service, coalesce(g.service || ': ', '') || g.operation AS span, g.messages, g.wait_ns / 1e6 AS wait_ms,
  g.longest_ns / 1e6 AS longest_ms, g.work_ns / 1e6 AS work_ms,
  (SELECT m.id FROM message AS m WHERE m.service IS g.service AND m.operation = g.operation
    ORDER BY m.wait_ns DESC, m.id LIMIT 1) AS example_span_id
FROM grouped AS g
WHERE g.wait_ns >= :x * g.work_ns AND g.wait_ns >= :s * 1000000000
ORDER BY g.wait_ns DESC, subject_id
