-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "sqlite-correlated-subquery"
version = 1
title = "SQLite runs a subquery once per row"
headline = "{subquery} runs once per row"
severity = "info"
needs = ["plan"]
rung = 4
summary = "{subquery} refers to the outer query and runs again for each of its rows; inside it {inner_step}."
cause = "The subquery names a column of the outer query."
checks = ["How many rows has the outer query?", "Does the step inside SEARCH by an index, or SCAN?"]
fix = """
1. Write it as a join, or as a join with a subquery grouped once.
2. An index for the condition inside."""
proof = "No CORRELATED step, or SEARCH inside it."
risk = "A join may return a row more than once."
refuse = "Caching results in the application before the index was tried."
quiet = "Subqueries that run once."
related = ["sqlite-scan-in-join"]
*/
WITH step AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.position, n.node_type, n.relation, p.captured_at_ns,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$.detail') END AS detail
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine = 'sqlite'
)
SELECT CASE WHEN i.node_type = 'SCAN' THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.detail AS subquery, coalesce(i.detail, 'nothing is read') AS inner_step
FROM step AS s LEFT JOIN step AS i ON i.plan_id = s.plan_id AND i.node = s.node + 1 AND i.parent = s.node
WHERE s.node_type LIKE 'CORRELATED%'
ORDER BY s.id
