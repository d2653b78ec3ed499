-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-analyze-job"
version = 1
title = "A job runs ANALYZE on a timer"
headline = "{statement}: {per_hour} times an hour"
severity = "warning"
needs = ["stmts"]
rung = 2
summary = "{statement} ran {calls} times in {hours} hours ({per_hour} an hour) and took {share_pct} of the time. Autovacuum refreshes statistics by the volume of changes; a timer does it whether or not anything changed."
cause = "A maintenance job that was left over."
checks = ["Who runs it?", "Is autovacuum switched off for that table?"]
fix = """
1. Remove the job.
2. Where the statistics get too old between: ALTER TABLE <table> SET (autovacuum_analyze_scale_factor = 0.01);"""
proof = "Its share of the time is gone, and estimates of rows stay right."
risk = "Old statistics, if autovacuum is off."
refuse = "Running it more often."
quiet = "Once after a bulk load; fewer than 4 calls an hour and less than 5 % of the time; a window of less than 10 minutes."
related = ["table-stats-stale"]

[thresholds]
cph = { value = 4, unit = "calls/h", source = "set here; a known case ran every 5 minutes" }
share = { value = 0.05, unit = "share", source = "set here; a known case had 0.15" }
calls_min = { value = 2, unit = "calls", source = "one call is no job" }
window = { value = 600, unit = "s", source = "set here" }
*/
WITH best AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.statement_id
      ORDER BY CASE t.origin WHEN 'stat' THEN 0 WHEN 'span' THEN 1 ELSE 2 END) AS source_place,
    sum(t.total_ms) OVER (PARTITION BY t.origin) AS all_ms,
    (max(t.last_ns) OVER (PARTITION BY t.origin) - min(t.first_ns) OVER (PARTITION BY t.origin)) / 3600e9 AS hours
  FROM statement_stat AS t
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, t.statement_id AS subject_id, t.first_ns AS start_ns,
  t.last_ns AS end_ns, t.total_ms AS gain_ms, t.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, f.target AS relation, t.calls,
  t.hours, 1.0 * t.calls / t.hours AS per_hour, t.mean_ms, t.total_ms, 100.0 * t.total_ms / t.all_ms AS share_pct
FROM best AS t JOIN statement_fact AS f ON f.statement_id = t.statement_id JOIN statement AS s ON s.id = t.statement_id
WHERE t.source_place = 1 AND f.kind = 'analyze' AND t.calls >= :calls_min AND t.hours >= :window / 3600.0
  AND (t.calls >= :cph * t.hours OR t.total_ms >= :share * t.all_ms)
ORDER BY t.total_ms DESC, t.statement_id
