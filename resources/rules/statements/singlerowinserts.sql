-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-single-row-inserts"
version = 1
title = "Rows inserted one statement at a time"
headline = "{n} single inserts in {place}: {statement}"
severity = "warning"
needs = ["sql"]
uses = ["log", "traces"]
rung = 5
summary = "{statement} inserts one row and runs {n} times in {place} ({sum_ms} together). 100 single inserts cost about 200 ms, one statement with 100 rows 5 to 15 ms."
cause = "A loop round INSERT."
checks = ["Is the order of the rows, or a generated key, needed by what follows?", "What happens on a conflict?"]
fix = """
1. One INSERT of many rows, or INSERT ... SELECT FROM unnest(...).
2. COPY for bulk."""
proof = "Statements per request, and their total time."
risk = "Larger transactions."
refuse = "A larger pool, or asynchronous commit as the first step."
quiet = "Fewer than 20 inserts in one request or in one second of a session; independent events that arrive one by one."
related = ["stmt-n-plus-one"]

[thresholds]
n = { value = 20, unit = "statements", source = "set here" }
*/
WITH requests AS (
  SELECT f.statement_id, max(p.n_p50) AS n, max(p.total_p50_ns) / 1e6 AS sum_ms, min(p.start_ns) AS start_ns,
    max(p.end_ns) AS end_ns, max(p.saving_p50_ns) / 1e6 AS gain_ms,
    'one request of ' || coalesce(p.endpoint_service || ': ', '') || p.endpoint_operation AS place,
    p.example_trace_id
  FROM call_pattern AS p JOIN statement AS s ON s.fingerprint = p.fingerprint
  JOIN statement_fact AS f ON f.statement_id = s.id
  WHERE f.kind = 'insert' AND f.inserted_rows = 1 AND p.n_p50 >= :n AND p.kind IN ('n_plus_one', 'sequential')
  GROUP BY f.statement_id
), seconds AS (
  SELECT e.statement_id, e.pid, count(*) AS n, sum(e.duration_ms) AS sum_ms, min(e.ts_ns) AS start_ns,
    max(e.ts_ns) AS end_ns, max(e.user) AS user
  FROM log_entry AS e JOIN statement_fact AS f ON f.statement_id = e.statement_id
  WHERE f.kind = 'insert' AND f.inserted_rows = 1 AND e.pid IS NOT NULL AND e.kind IN ('slow_statement', 'statement')
  -- A statement that is logged before it runs has a second line with its duration.
  GROUP BY e.statement_id, e.pid, e.source_id, e.kind, e.ts_ns / 1000000000 HAVING count(*) >= :n
), sessions AS (
  SELECT c.statement_id, max(c.n) AS n, c.sum_ms, c.start_ns, c.end_ns, NULL AS gain_ms,
    'one second of session ' || c.pid || coalesce(' of ' || c.user, '') AS place, NULL AS example_trace_id
  FROM seconds AS c GROUP BY c.statement_id
), both AS (
  SELECT * FROM requests
  UNION ALL SELECT * FROM sessions AS o WHERE NOT EXISTS (SELECT 1 FROM requests AS r WHERE r.statement_id = o.statement_id)
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, b.statement_id AS subject_id, b.start_ns, b.end_ns,
  b.gain_ms, b.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, b.n, b.sum_ms, b.place, b.example_trace_id
FROM both AS b JOIN statement AS s ON s.id = b.statement_id
ORDER BY b.n DESC, b.statement_id
