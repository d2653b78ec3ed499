-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-path-shares"
version = 1
title = "Where the time of slow requests goes"
headline = "{largest} holds {largest_pct} of what slow {endpoint} waits for"
severity = "info"
needs = ["traces"]
rung = 0
summary = "Critical path of the {slow} slowest traces of {endpoint}: {parts}. Of it {wait_pct} waiting, {network_pct} on the way between services, {unknown_pct} in no span. Only what lies on this path makes the request faster."
cause = "None: this is where to look first."
checks = ["Is the largest part work, a wait or the way?", "Does the request need its result?"]
fix = "1. Begin with the largest part; what lies beside the path can wait."
proof = "The largest part shrinks and the request with it."
risk = "None: nothing is changed."
refuse = "Beginning with the part that is drawn first, or with the one that is called most often."
quiet = "Requests that take less than 100 ms; the five endpoints with the most time are told."
related = ["trace-wait-dominates", "trace-one-span-dominates", "trace-side-work-on-critical-path"]

[thresholds]
slow_n = { value = 20, unit = "traces", source = "set here: the slowest of each endpoint" }
slow_ms = { value = 100, unit = "ms", source = "common guideline for slow requests" }
endpoints = { value = 5, unit = "endpoints", source = "set here" }
*/
WITH stored AS MATERIALIZED (SELECT DISTINCT c.trace_id FROM critical_segment AS c
), slow AS MATERIALIZED (
  SELECT r.* FROM (
    SELECT t.id, t.duration_ns, t.start_ns, coalesce(t.service || ': ', '') || t.operation AS endpoint,
      row_number() OVER (PARTITION BY t.service, t.operation ORDER BY t.duration_ns DESC, t.id) AS place
    FROM stored AS d CROSS JOIN trace AS t ON t.id = d.trace_id
    WHERE t.operation IS NOT NULL AND t.duration_ns >= :slow_ms * 1000000
  ) AS r WHERE r.place <= :slow_n
), part AS MATERIALIZED (
  SELECT s.endpoint, s.id AS trace_id, c.duration_ns, c.class, c.kind, p.service, p.operation
  FROM slow AS s CROSS JOIN critical_segment AS c ON c.trace_id = s.id CROSS JOIN span AS p ON p.id = c.span_id
), whole AS MATERIALIZED (
  SELECT p.endpoint, sum(p.duration_ns) AS total_ns, count(DISTINCT p.trace_id) AS slow,
    count(DISTINCT p.service) AS services, 100.0 * sum(CASE WHEN p.class = 'wait' THEN p.duration_ns ELSE 0 END)
      / sum(p.duration_ns) AS wait_pct,
    100.0 * sum(CASE WHEN p.class = 'network' THEN p.duration_ns ELSE 0 END) / sum(p.duration_ns) AS network_pct,
    100.0 * sum(CASE WHEN p.class = 'unknown' THEN p.duration_ns ELSE 0 END) / sum(p.duration_ns) AS unknown_pct
  FROM part AS p GROUP BY p.endpoint ORDER BY total_ns DESC LIMIT :endpoints
), named AS MATERIALIZED (
  -- By service where there are several, else by operation; waits, gaps and the way under their own names.
  SELECT w.endpoint, w.total_ns, CASE WHEN p.class = 'unknown' THEN 'time in no span'
      WHEN p.class = 'wait' THEN 'waiting in ' || p.operation WHEN p.class = 'network' THEN 'the way between services'
      WHEN w.services > 1 THEN coalesce(p.service, 'unknown service') ELSE p.operation END AS name, p.duration_ns
  FROM whole AS w JOIN part AS p ON p.endpoint = w.endpoint
), share AS MATERIALIZED (
  SELECT n.endpoint, n.name, 100.0 * sum(n.duration_ns) / min(n.total_ns) AS pct,
    row_number() OVER (PARTITION BY n.endpoint ORDER BY sum(n.duration_ns) DESC, n.name) AS place
  FROM named AS n GROUP BY n.endpoint, n.name
)
SELECT 'info' AS severity, 'operation' AS subject_kind, w.endpoint AS subject_id,
  (SELECT min(s.start_ns) FROM slow AS s WHERE s.endpoint = w.endpoint) AS start_ns,
  (SELECT max(s.start_ns + s.duration_ns) FROM slow AS s WHERE s.endpoint = w.endpoint) AS end_ns, NULL AS gain_ms,
  w.endpoint, w.slow, f.name AS largest, f.pct AS largest_pct,
  (SELECT group_concat(x.text, ', ') FROM (SELECT s.name || printf(' %.4g %%', s.pct) AS text FROM share AS s
    WHERE s.endpoint = w.endpoint AND s.place <= 6 ORDER BY s.place) AS x) AS parts,
  w.wait_pct, w.network_pct, w.unknown_pct,
  (SELECT s.id FROM slow AS s WHERE s.endpoint = w.endpoint AND s.place = 1) AS example_trace_id
FROM whole AS w JOIN share AS f ON f.endpoint = w.endpoint AND f.place = 1
ORDER BY w.total_ns DESC, w.endpoint
