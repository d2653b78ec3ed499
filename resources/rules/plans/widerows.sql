-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-wide-rows"
version = 1
title = "Rows are wide"
headline = "{node} hands on {rows} rows of {width_bytes}"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "{node} hands on {rows} rows of about {width_bytes} each ({data_bytes}). Sorts, hashes and the network carry every column that is asked for."
cause = "More columns are selected than needed, or large values (documents, texts) travel with every row."
checks = [
  "Which columns does the program use?",
  "Are large values read from TOAST for rows that are thrown away later?",
]
fix = """
1. Name the columns that are needed instead of *.
2. Join the large columns after the LIMIT, by primary key."""
proof = "A smaller width, less memory in sorts and hashes, fewer bytes sent."
risk = "A second read for the large columns when they are wanted after all."
refuse = "More work_mem for wide sorts as the first step."
quiet = "Widths below 2,000 bytes, fewer than 10,000 rows."
related = ["plan-scan-without-limit", "plan-memory-spill"]

[thresholds]
width_w = { value = 2000, unit = "bytes", source = "practice of plan viewers" }
rows_w = { value = 10000, unit = "rows", source = "practice of plan viewers" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), wide AS (
  SELECT n.*, row_number() OVER (PARTITION BY n.plan_id ORDER BY n.plan_width * n.actual_rows DESC,
    n.node DESC) AS place
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.plan_width >= :width_w AND n.loops > 0 AND n.actual_rows >= :rows_w AND p.execution_ms >= :time_w
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.node_type || coalesce(' on ' || n.relation, CASE n.node_type WHEN 'CTE Scan' THEN ' on '
    || n.alias END, '') AS node, n.actual_rows AS rows, n.plan_width AS width_bytes,
  n.plan_width * n.actual_rows AS data_bytes, p.execution_ms
FROM wide AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.place = 1
ORDER BY data_bytes DESC, n.id
