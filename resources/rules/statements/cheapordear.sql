-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-many-cheap-or-few-dear"
version = 1
title = "Many cheap calls or few dear ones"
headline = "{what}: {statement}"
severity = "info"
needs = ["stmts"]
uses = ["host"]
rung = 5
summary = "{statement} takes {share_pct} of the time: {calls} calls of {mean_ms} ({calls_pct} of all calls, {rows_per_call} rows each). {advice}"
cause = "Many cheap calls come from the pattern of calls, few dear ones from the plan."
checks = ["Which class is it?", "Who calls it?", "How many rows does a call give?"]
fix = """
1. {advice}
2. A pool of connections, where there is none.
3. A replica, when reads dominate and the statements are already good."""
proof = "The share of the statement falls; processors of the database have room again."
risk = "None: nothing is changed yet."
refuse = "A cache before the plan is good, or a larger server for a missing index."
quiet = "Statements below 10 % of the time or not among the first five; calls between the two classes; time spent outside the database."
related = ["stmt-pareto", "stmt-n-plus-one"]

[thresholds]
cpu = { value = 0.9, unit = "share", source = "common guideline" }
cheap = { value = 5, unit = "ms", source = "set here" }
dear = { value = 100, unit = "ms", source = "common guideline for slow statements" }
cs = { value = 0.3, unit = "share", source = "set here: of the calls" }
top = { value = 5, unit = "statements", source = "common guideline" }
part = { value = 0.1, unit = "share", source = "set here: of the time" }
*/
WITH ranked AS (
  SELECT t.*, sum(t.total_ms) OVER (PARTITION BY t.origin) AS all_ms, sum(t.calls) OVER (PARTITION BY t.origin) AS all_calls,
    row_number() OVER (PARTITION BY t.origin ORDER BY t.total_ms DESC, t.statement_id) AS place,
    -- A log with a limit shows no cheap calls, so that shares of calls would be wrong.
    dense_rank() OVER (ORDER BY CASE t.origin WHEN 'stat' THEN 0 WHEN 'span' THEN 1 ELSE 2 END) AS source_rank
  FROM statement_stat AS t WHERE t.total_ms > 0
), busy AS (
  SELECT EXISTS (SELECT 1 FROM series_stat AS p JOIN series AS m ON m.id = p.series_id
    WHERE m.metric LIKE 'system.cpu.utilization%' AND p.p95 >= :cpu AND coalesce(m.labels, '') NOT LIKE '%"idle"%'
      AND coalesce(m.labels, '') NOT LIKE '%"iowait"%' AND coalesce(m.labels, '') NOT LIKE '%"steal"%'
      AND (m.role IN ('database', 'db', 'primary') OR m.service LIKE 'postgres%' OR m.service LIKE 'database%')) AS full
), class AS (
  SELECT r.*, CASE WHEN r.mean_ms >= :dear THEN 'dear' WHEN r.mean_ms < :cheap AND r.calls >= :cs * r.all_calls
    AND r.origin <> 'log' THEN 'cheap' END AS class
  FROM ranked AS r WHERE r.place <= :top AND r.source_rank = 1 AND r.total_ms >= :part * r.all_ms
)
SELECT CASE WHEN b.full THEN 'warning' ELSE 'info' END AS severity, 'statement' AS subject_kind,
  c.statement_id AS subject_id, c.first_ns AS start_ns, c.last_ns AS end_ns, NULL AS gain_ms,
  c.statement_id, substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement,
  CASE c.class WHEN 'dear' THEN 'Few dear calls' ELSE 'Many cheap calls' END AS what, c.calls, c.mean_ms, c.p99_ms,
  c.total_ms, 100.0 * c.total_ms / c.all_ms AS share_pct, 100.0 * c.calls / c.all_calls AS calls_pct,
  1.0 * c.rows / c.calls AS rows_per_call, c.origin,
  CASE c.class WHEN 'dear' THEN 'Read its plan: one slow plan is mended by an index or a rewrite.'
    ELSE 'Its plan is good; make fewer calls: batch them, load eagerly, then a cache.' END AS advice
FROM class AS c CROSS JOIN busy AS b JOIN statement AS s ON s.id = c.statement_id
WHERE c.class IS NOT NULL
ORDER BY c.total_ms DESC, c.statement_id
