-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-repeated-aggregate"
version = 1
title = "The same aggregate is computed again and again"
headline = "{per_min} times a minute, {mean_ms} each: {statement}"
severity = "warning"
needs = ["stmts"]
uses = ["plan+"]
rung = 7
summary = "{statement} runs {per_min} times a minute and takes {mean_ms} each time ({read_text}). Its input hardly changes between two calls, yet all of it is read each time."
cause = "A dashboard computes the whole history on each load."
checks = [
  "Is there an index for the filter? That comes first: it took one case from 45 s to 3 ms.",
  "How old may the answer be?",
  "Can a summary be kept up to date step by step?",
]
fix = """
1. An index over the columns of the filter.
2. A cache of 60 to 300 s, with some jitter.
3. A materialized view, refreshed hourly.
4. A column store or a replica for such questions."""
proof = "Calls of the raw aggregate fall to the rate of refreshing."
risk = "Readers see answers as old as the time to live."
refuse = "A cache while the index is missing: every miss stays slow."
quiet = "Fewer than one call a minute, less than 500 ms, fewer than a million rows (10,000 blocks where no plan says it), a window of less than 10 minutes."
related = ["stmt-count-for-pagination", "stmt-analytics-on-primary"]

[thresholds]
rows = { value = 1000000, unit = "rows", source = "set here" }
blocks = { value = 10000, unit = "blocks", source = "set here: 80 MB, where no plan tells the rows" }
cpm = { value = 1, unit = "calls/min", source = "set here; a known case had 100" }
ms = { value = 500, unit = "ms", source = "set here" }
window = { value = 600, unit = "s", source = "set here" }
*/
WITH best AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.statement_id
      ORDER BY CASE t.origin WHEN 'stat' THEN 0 WHEN 'span' THEN 1 ELSE 2 END) AS source_place,
    (max(t.last_ns) OVER (PARTITION BY t.origin) - min(t.first_ns) OVER (PARTITION BY t.origin)) / 60e9 AS minutes
  FROM statement_stat AS t
), judged AS (
  SELECT t.*, 1.0 * t.calls / t.minutes AS per_min, (SELECT max(reads) FROM (SELECT sum(coalesce(n.actual_rows, 0) + coalesce(n.rows_removed_by_filter, 0)) AS reads
      FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
      WHERE p.statement_id = t.statement_id AND n.relation IS NOT NULL AND n.loops > 0 GROUP BY p.id)) AS rows_read,
    1.0 * (t.shared_hit + t.shared_read) / t.calls AS blocks
  FROM best AS t JOIN statement_fact AS f ON f.statement_id = t.statement_id
  WHERE t.source_place = 1 AND f.kind = 'select' AND f.aggregate = 1 AND t.mean_ms >= :ms
    AND t.minutes >= :window / 60.0 AND t.calls >= :cpm * t.minutes
    -- Counting for pages has a rule of its own.
    AND NOT (f.count_star = 1 AND f.equal_columns IS NULL AND f.grouped = 0)
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, j.statement_id AS subject_id, j.first_ns AS start_ns,
  j.last_ns AS end_ns, j.total_ms AS gain_ms, j.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, j.per_min, j.mean_ms, j.calls,
  j.total_ms, j.rows_read, j.blocks,
  CASE WHEN j.rows_read IS NULL THEN CAST(j.blocks AS INTEGER) || ' blocks' ELSE CAST(j.rows_read AS INTEGER) || ' rows' END
    || ' read' AS read_text
FROM judged AS j JOIN statement AS s ON s.id = j.statement_id
WHERE j.rows_read >= :rows OR j.rows_read IS NULL AND j.blocks >= :blocks
ORDER BY j.total_ms DESC, j.statement_id
