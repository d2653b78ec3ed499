-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-eager-join-explosion"
version = 1
title = "Eager join multiplies rows"
headline = "{joined_rows} combinations of {parent_rows} rows of {relation} for a page of {page_rows}"
severity = "warning"
needs = ["plan+"]
uses = ["sql"]
rung = 5
summary = "A page of {page_rows} rows is cut from {joined_rows} combinations of {parent_rows} rows of {relation} with their children ({joins} joins, {wall_ms}). Each collection that is joined multiplies the rows of the others."
cause = "Several collections are joined at once."
checks = ["Two collections in one join?", "Is the size of the page applied before or after the join?"]
fix = """
1. Two queries: the parents, then the children by the list of their ids.
2. Select only the relation that is needed."""
proof = "Rows per request."
risk = "One more round trip."
refuse = "DISTINCT on top of the join."
quiet = "Joins of one to one; fewer than 10 combinations for each parent; fewer than 1,000 rows; a single join; plans without LIMIT."
related = ["stmt-n-plus-one", "plan-nested-loop-large-inner"]

[thresholds]
x = { value = 10, unit = "factor", source = "set here" }
rows = { value = 1000, unit = "rows", source = "set here" }
*/
WITH top AS (
  -- The first join below the limit is the last one that the server makes.
  SELECT l.id AS limit_id, l.plan_id, l.actual_rows AS page_rows,
    (SELECT min(j.node) FROM plan_node AS j WHERE j.plan_id = l.plan_id AND j.node > l.node AND j.depth > l.depth
      AND (j.join_type IS NOT NULL OR j.node_type = 'Nested Loop')) AS join_node
  FROM plan_node AS l WHERE l.node_type = 'Limit' AND l.loops > 0
), counted AS (
  SELECT t.*, j.id AS join_id, j.actual_rows AS joined_rows, j.wall_ms, j.join_type,
    (SELECT count(*) FROM plan_node AS o WHERE o.plan_id = t.plan_id AND o.node >= j.node AND o.depth >= j.depth
      AND (o.join_type IS NOT NULL OR o.node_type = 'Nested Loop')) AS joins,
    (SELECT min(o.node) FROM plan_node AS o WHERE o.plan_id = t.plan_id AND o.node > j.node AND o.relation IS NOT NULL)
      AS parent_node
  FROM top AS t JOIN plan_node AS j ON j.plan_id = t.plan_id AND j.node = t.join_node
)
SELECT 'warning' AS severity, 'plan_node' AS subject_kind, c.join_id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns, c.wall_ms * (1 - 1.0 * o.actual_rows / c.joined_rows) AS gain_ms,
  c.plan_id, p.statement_id, o.relation, c.joined_rows, o.actual_rows AS parent_rows, c.page_rows, c.joins, c.wall_ms
FROM counted AS c JOIN plan AS p ON p.id = c.plan_id
JOIN plan_node AS o ON o.plan_id = c.plan_id AND o.node = c.parent_node
-- In a right join the rows of the second side are kept: the first is not the parent.
WHERE c.joins >= 2 AND coalesce(c.join_type, 'Inner') IN ('Inner', 'Left') AND o.loops = 1
  AND c.joined_rows >= :rows AND c.joined_rows >= :x * max(o.actual_rows, 1) AND c.joined_rows > c.page_rows
ORDER BY c.wall_ms DESC, c.join_id LIMIT 100
