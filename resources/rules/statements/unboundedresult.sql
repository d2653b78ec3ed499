-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-unbounded-result"
version = 1
title = "Statement may return everything"
headline = "{rows_per_call} rows a call without LIMIT: {statement}"
severity = "critical"
needs = ["stmts", "sql"]
rung = 5
summary = "{statement} has no LIMIT and gives {rows_per_call} rows a call ({calls} calls, {mean_ms} each). The result grows with the table until memory or time runs out."
cause = "The size of a page is missing, or is not capped."
checks = ["Is it an export, by intention?", "Which sizes of pages do clients ask for?"]
fix = """
1. LIMIT with paging by key.
2. Cap the parameter at 100.
3. A server-side cursor or streaming for exports."""
proof = "The largest number of rows of a call."
risk = "Clients must page."
refuse = "More memory for the client."
quiet = "Fewer than 10,000 rows a call, COPY, aggregates, statements with LIMIT."
related = ["plan-deep-offset"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "set here" }
rows_c = { value = 1000000, unit = "rows", source = "common guideline" }
*/
WITH best AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.statement_id
      ORDER BY CASE t.origin WHEN 'stat' THEN 0 WHEN 'span' THEN 1 ELSE 2 END) AS source_place
  FROM statement_stat AS t WHERE t.rows IS NOT NULL AND t.calls > 0
)
SELECT CASE WHEN t.rows >= :rows_c * t.calls THEN 'critical' ELSE 'warning' END AS severity,
  'statement' AS subject_kind, t.statement_id AS subject_id, t.first_ns AS start_ns, t.last_ns AS end_ns,
  NULL AS gain_ms, t.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, 1.0 * t.rows / t.calls AS rows_per_call, t.calls, t.mean_ms,
  t.total_ms, f.tables
FROM best AS t JOIN statement_fact AS f ON f.statement_id = t.statement_id JOIN statement AS s ON s.id = t.statement_id
WHERE t.source_place = 1 AND f.kind = 'select' AND f.has_limit = 0 AND (f.aggregate = 0 OR f.grouped = 1)
  AND t.rows >= :rows_w * t.calls
ORDER BY t.rows / t.calls DESC, t.statement_id
