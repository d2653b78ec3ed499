-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mysql-dependent-subquery"
version = 1
title = "MySQL runs a subquery once per row"
headline = "{subquery} runs once per row of the outer query"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{subquery} depends on the outer query and runs again for every row of it ({runs})."
cause = "The subquery refers to a column of the outer query and could not be turned into a join."
checks = [
  "How many rows has the outer query? A few hundred are no trouble when an index serves the subquery.",
  "Does an index serve the condition inside the subquery?",
]
fix = """
1. Write it as a join, or as a join with a derived table grouped once.
2. EXISTS instead of IN where only the existence counts."""
proof = "EXPLAIN shows no DEPENDENT SUBQUERY; EXPLAIN ANALYZE shows loops=1."
risk = "A join may return a row more than once where IN did not."
refuse = "Raising limits of time for it."
quiet = "Plans with measured loops below 1,000; plans whose outer query has fewer than 1,000 rows."
related = ["mysql-full-scan"]

[thresholds]
loops_w = { value = 1000, unit = "loops", source = "set here" }
*/
WITH dependent AS (
  SELECT n.id, n.plan_id, p.captured_at_ns, n.loops, coalesce(n.subplan_name, n.node_type) AS subquery,
    (SELECT max(d.plan_rows) FROM plan_node AS d WHERE d.plan_id = n.plan_id AND d.node < n.node) AS outer_rows
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine IN ('mysql', 'mariadb') AND json_valid(n.extra)
    AND ((json_extract(n.extra, '$.select_type') LIKE 'DEPENDENT%' AND n.node_type = 'Select')
      OR json_extract(n.extra, '$.dependent') = 1 OR json_extract(n.extra, '$.operation') LIKE 'Select #%dependent)')
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, d.id AS subject_id, d.captured_at_ns AS start_ns, d.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  d.plan_id, d.subquery, coalesce(d.loops, d.outer_rows) AS repetitions,
  CASE WHEN d.loops IS NULL THEN 'estimated from the rows of the outer query' ELSE 'measured' END AS runs
FROM dependent AS d
WHERE coalesce(d.loops, d.outer_rows) >= :loops_w
ORDER BY repetitions DESC, d.id
