-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-scan-without-limit"
version = 1
title = "Very many rows are returned"
headline = "{returned_rows} rows are returned"
severity = "info"
needs = ["plan+"]
rung = 0
summary = "The statement returns {returned_rows} rows{width} in {execution_ms}. If a person or a page reads them, few are looked at; if a program does, it holds them all in memory."
cause = "No LIMIT, and the result is not aggregated."
checks = [
  "Who reads the result, and how much of it?",
  "Is it an export? Then a cursor or COPY is right.",
]
fix = """
1. A LIMIT, and pages by the last key seen instead of OFFSET.
2. Sums and counts in the database instead of in the program.
3. For exports a cursor or COPY."""
proof = "Fewer rows at the root of the plan."
risk = "The program must ask again for more rows."
refuse = "A faster network or a larger fetch size as the first step."
quiet = "Fewer than 10,000 rows, plans with a LIMIT or an aggregate at the top, statements that change data, statements below 100 ms."
related = ["plan-deep-offset", "plan-wide-rows"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, p.query_text, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, n.actual_rows AS returned_rows, n.plan_width AS width_bytes,
  coalesce(' of about ' || n.plan_width || ' bytes', '') AS width, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0
WHERE n.loops > 0 AND n.actual_rows >= :rows_w AND p.execution_ms >= :time_w
  AND n.node_type NOT IN ('Limit', 'Aggregate', 'Group', 'ModifyTable', 'LockRows')
  AND coalesce(p.query_text, 'SELECT') NOT LIKE 'copy%' AND coalesce(p.query_text, 'SELECT') NOT LIKE 'create%'
ORDER BY n.actual_rows DESC, p.id
