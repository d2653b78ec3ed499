-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-select-star"
version = 1
title = "All columns fetched, few used"
headline = "SELECT * with {width_text}: {statement}"
severity = "warning"
needs = ["sql"]
uses = ["stmts", "plan", "catalog"]
rung = 5
summary = "{statement} fetches all columns ({width_text}). Wide rows mean more pages, more network and more memory: rows of 2 kB need 37 times the pages of rows of 50 bytes. It also rules out index-only scans."
cause = "More is selected than is used, often by an object mapper."
checks = ["Which of the columns are used?", "Are there large columns among them, stored apart (TOAST)?"]
fix = """
1. Name the columns that are used.
2. After that an index that covers them."""
proof = "Width in the plan, bytes sent, size of the response."
risk = "Code that relies on columns it did not name."
refuse = "A cache first, or more network bandwidth."
quiet = "Statements not among the first 20, rows of less than 500 bytes in tables of fewer than 20 columns, subqueries of EXISTS, tables of a few rows."
related = ["plan-index-only-heap-fetches"]

[thresholds]
width = { value = 500, unit = "bytes", source = "set here" }
cols = { value = 20, unit = "columns", source = "common guideline" }
top = { value = 20, unit = "statements", source = "common guideline" }
rows_min = { value = 10, unit = "rows", source = "set here: a table of settings is no matter" }
*/
WITH ranked AS (
  SELECT t.statement_id, t.calls, t.total_ms, t.rows, t.first_ns, t.last_ns,
    row_number() OVER (PARTITION BY t.origin ORDER BY t.total_ms DESC, t.statement_id) AS place
  FROM statement_stat AS t
), wide AS (
  SELECT f.statement_id,
    (SELECT max(n.plan_width) FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
      WHERE p.statement_id = f.statement_id) AS width,
    (SELECT max(coalesce(n.actual_rows, n.plan_rows)) FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
      WHERE p.statement_id = f.statement_id) AS plan_rows,
    (SELECT count(*) FROM db_column AS c WHERE c.relname = f.tables AND c.attnum > 0
      AND c.server_id IS (SELECT min(o.server_id) FROM db_column AS o WHERE o.relname = f.tables)
      AND c.schemaname IS (SELECT min(o.schemaname) FROM db_column AS o WHERE o.relname = f.tables)) AS columns
  FROM statement_fact AS f WHERE f.kind = 'select' AND f.star = 1
), best AS (
  SELECT w.*, min(r.place) AS place, max(r.calls) AS calls, max(r.total_ms) AS total_ms, max(r.rows) AS rows,
    min(r.first_ns) AS first_ns, max(r.last_ns) AS last_ns
  FROM wide AS w LEFT JOIN ranked AS r ON r.statement_id = w.statement_id GROUP BY w.statement_id
)
SELECT CASE WHEN b.width >= :width THEN 'warning' ELSE 'info' END AS severity, 'statement' AS subject_kind,
  b.statement_id AS subject_id, b.first_ns AS start_ns, b.last_ns AS end_ns, NULL AS gain_ms, b.statement_id,
  substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement,
  CASE WHEN b.width >= :width THEN 'rows of ' || b.width || ' bytes' ELSE 'tables of ' || b.columns || ' columns' END
    AS width_text,
  b.width AS width_bytes, b.columns, b.calls, b.total_ms, b.place
FROM best AS b JOIN statement AS s ON s.id = b.statement_id
WHERE (b.width >= :width OR b.columns >= :cols)
  -- Plans without any statistics of statements were asked for one by one: each of them matters.
  AND (b.place <= :top OR b.place IS NULL AND NOT EXISTS (SELECT 1 FROM statement_stat))
  AND coalesce(1.0 * b.rows / nullif(b.calls, 0), b.plan_rows, :rows_min) >= :rows_min
ORDER BY b.total_ms DESC, b.statement_id LIMIT 100
