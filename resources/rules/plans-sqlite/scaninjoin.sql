-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "sqlite-scan-in-join"
version = 1
title = "SQLite scans a table once per row of another"
headline = "{relation} is scanned again and again"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{detail} stands {where}: the whole table is read for every row there. How large it is the plan does not say."
cause = "No index on the columns of the join or of the correlated condition."
checks = ["How many rows has {relation}? A few dozen are no trouble.", "Is there a condition between the two tables at all?"]
fix = """
1. CREATE INDEX ON {relation} with the columns of the join condition first.
2. ANALYZE; so that the planner knows the sizes."""
proof = "EXPLAIN QUERY PLAN shows SEARCH {relation} USING INDEX."
risk = "One more index to write."
refuse = "Forcing the order of joins with CROSS JOIN before an index was tried."
quiet = "The first table of a join, tables of constants, subqueries that are kept (CO-ROUTINE, MATERIALIZE), virtual tables."
related = ["sqlite-automatic-index", "sqlite-correlated-subquery"]
*/
WITH step AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.position, n.node_type, n.relation, p.captured_at_ns,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$.detail') END AS detail
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine = 'sqlite'
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.relation, s.detail,
  CASE WHEN u.id IS NOT NULL THEN 'in a correlated subquery' ELSE 'inside a join' END AS "where"
FROM step AS s
LEFT JOIN step AS u ON u.plan_id = s.plan_id AND u.node = s.parent AND u.node_type LIKE 'CORRELATED%'
WHERE s.node_type = 'SCAN' AND s.relation IS NOT NULL AND s.detail NOT LIKE '%VIRTUAL TABLE%'
  AND (u.id IS NOT NULL OR EXISTS (SELECT 1 FROM step AS b WHERE b.plan_id = s.plan_id AND b.parent = s.parent
    AND b.position < s.position AND b.node_type IN ('SCAN', 'SEARCH')))
  AND NOT EXISTS (SELECT 1 FROM step AS c WHERE c.plan_id = s.plan_id AND c.relation = s.relation
    AND c.node_type IN ('CO-ROUTINE', 'MATERIALIZE'))
  AND NOT EXISTS (SELECT 1 FROM step AS o WHERE o.plan_id = s.plan_id AND o.node = s.parent
    AND o.node_type IN ('RIGHT-JOIN', 'COMPOUND QUERY'))
ORDER BY s.id
