-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-rls-filter"
version = 1
title = "Row-level security adds a filter"
headline = "A policy of {relation} filters every row"
severity = "info"
needs = ["plan+"]
rung = 4
summary = "The filter of {relation} reads the session ({session_function}), as conditions of row-level security do; it was tested for {examined_rows} rows ({self_ms}). Such a column needs an index like any other, and this role may not see all rows."
cause = "The condition of a policy is evaluated per row."
checks = [
  "Does the table have policies (pg_policies)?",
  "Which role took the plan, and is it exempt from them?",
  "Is the column of the policy indexed?",
]
fix = """
1. An index that begins with the column of the policy.
2. Wrap the function: (SELECT current_setting(...)) is evaluated once instead of once per row."""
proof = "The condition of the policy stands in the index condition."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "Disabling the policy."
quiet = "Filters without a session function, fewer than 10,000 rows, scans below 10 ms."
related = ["plan-seq-scan-selective", "plan-function-on-column"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms, 0.5 AS doubt,
  n.plan_id, n.relation, CASE WHEN n.filter LIKE '%current_setting(%' THEN 'current_setting()'
    ELSE 'current_user' END AS session_function,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS examined_rows, n.self_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
WHERE n.node_type = 'Seq Scan' AND n.loops > 0 AND n.wall_ms >= :time_i
  AND n.actual_rows + coalesce(n.rows_removed_by_filter, 0) >= :rows_w
  AND (n.filter LIKE '%current_setting(%' OR n.filter LIKE '%CURRENT_USER%' OR n.filter LIKE '%"current_user"()%')
ORDER BY n.self_ms DESC, n.id
