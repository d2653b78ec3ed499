-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-count-for-pagination"
version = 1
title = "Counting the whole table to show a page"
headline = "{mean_ms} to count {relation} for the number of pages"
severity = "warning"
needs = ["stmts"]
uses = ["plan+"]
rung = 5
summary = "{statement} takes {mean_ms} ({calls} calls), and beside it {page} reads one page of {relation}. The count reads every matching entry and is thrown away after one number; few readers need the exact total."
cause = "The total number of pages is shown."
checks = ["Is the total shown at all?", "Is an estimate good enough?"]
fix = """
1. Fetch one row more than the page holds: then it is known whether a next page exists.
2. An estimate: SELECT reltuples FROM pg_class WHERE oid = '{relation}'::regclass;
3. A counter that is kept for minutes."""
proof = "The count leaves the list of the dearest statements."
risk = "Totals are approximate."
refuse = "An index to make COUNT(*) fast: it still visits every entry."
quiet = "Counts with an equality in the filter, tables without a paged statement, less than 500 ms and fewer than a million rows."
related = ["plan-deep-offset", "stmt-repeated-aggregate"]

[thresholds]
rows = { value = 1000000, unit = "rows", source = "set here" }
ms = { value = 500, unit = "ms", source = "set here" }
*/
WITH best AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.statement_id
      ORDER BY CASE t.origin WHEN 'stat' THEN 0 WHEN 'span' THEN 1 ELSE 2 END) AS source_place
  FROM statement_stat AS t
), judged AS (
  SELECT t.*, f.tables AS relation, (SELECT max(reads) FROM (SELECT sum(coalesce(n.actual_rows, 0) + coalesce(n.rows_removed_by_filter, 0)) AS reads
      FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
      WHERE p.statement_id = t.statement_id AND n.relation IS NOT NULL AND n.loops > 0 GROUP BY p.id)) AS rows_read,
    (SELECT min(p.statement_id) FROM statement_fact AS p WHERE p.kind = 'select' AND p.has_limit = 1
      AND p.statement_id <> t.statement_id AND ', ' || p.tables || ',' LIKE '%, ' || f.tables || ',%') AS page_id
  FROM best AS t JOIN statement_fact AS f ON f.statement_id = t.statement_id
  WHERE t.source_place = 1 AND f.kind = 'select' AND f.count_star = 1 AND f.grouped = 0 AND f.has_limit = 0
    AND f.equal_columns IS NULL AND f.tables IS NOT NULL AND instr(f.tables, ',') = 0
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, j.statement_id AS subject_id, j.first_ns AS start_ns,
  j.last_ns AS end_ns, j.total_ms AS gain_ms, j.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, j.relation,
  (SELECT substr(replace(coalesce(o.normalized, o.text), char(10), ' '), 1, 90) FROM statement AS o
    WHERE o.id = j.page_id) AS page,
  j.page_id AS page_statement_id, j.calls, j.mean_ms, j.total_ms, j.rows_read
FROM judged AS j JOIN statement AS s ON s.id = j.statement_id
WHERE j.page_id IS NOT NULL AND (j.mean_ms >= :ms OR j.rows_read >= :rows)
ORDER BY j.total_ms DESC, j.statement_id
