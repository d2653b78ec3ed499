-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-too-many-index-searches"
version = 1
title = "One scan searches its index many times"
headline = "{index} is searched {searches} times"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "The scan of {relation} through {index} descended into the index {searches} times in {loops} loops ({wall_ms}): once for every element of a list or every value of a leading column that is skipped."
cause = "A long = ANY list, or a condition without the leading column of the index."
checks = [
  "Is the list of values long? A join against VALUES or unnest() can be hashed.",
  "Does the condition name the first column of the index?",
]
fix = """
1. Put the column that is compared first in the index.
2. Join with VALUES or unnest() instead of a long list."""
proof = "Index Searches near the number of loops."
risk = "Another plan for short lists."
refuse = "Splitting the list into many statements."
quiet = "Fewer than 100 searches a loop, scans below 10 ms, servers before version 18 (they do not tell)."
related = ["plan-leftmost-prefix"]

[thresholds]
searches_w = { value = 100, unit = "searches", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), scan AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Index Searches"') END AS searches
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.loops > 0 AND n.wall_ms >= :time_i AND n.index_name IS NOT NULL
)
SELECT CASE WHEN n.wall_ms >= :time_w AND n.wall_ms >= 0.1 * p.execution_ms THEN 'warning'
  ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, coalesce(n.relation, 'the table') AS relation, n.index_name AS "index", n.searches, n.loops, n.wall_ms,
    p.execution_ms
FROM scan AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.searches > :searches_w * n.loops
ORDER BY n.wall_ms DESC, n.id
