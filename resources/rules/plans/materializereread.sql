-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-materialize-reread"
version = 1
title = "Stored rows are read again for every outer row"
headline = "{rows_per_loop} stored rows are read {loops} times"
severity = "warning"
needs = ["plan+"]
rung = 4
caused_by = ["plan-row-misestimate", "plan-join-filter-waste"]
summary = "The rows below Materialize are kept in memory and read again for each of {loops} outer rows ({rows_per_loop} rows a time); that takes {self_ms}, and the join above compares every pair ({join_ms}, {share_pct} of the execution)."
cause = "No equality that allows a hash join, no index on the inner side, or an outer side larger than expected."
checks = [
  "Is the join condition an equality of columns of one type?",
  "Expected and met rows of the outer side.",
]
fix = """
1. {remedy}
2. Make a hash join possible: an equality of plain columns of one type."""
proof = "A hash join, or an index scan on the inner side."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "More work_mem: the rows are in memory already."
quiet = "Fewer than 100 loops, joins below 10 ms or a tenth of the execution."
related = ["plan-join-filter-waste", "plan-nested-loop-large-inner"]

[thresholds]
loops_w = { value = 100, unit = "loops", source = "practice of plan viewers" }
share_w = { value = 0.1, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.self_ms + j.self_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms + j.self_ms AS gain_ms,
  n.plan_id, n.loops, n.actual_rows / n.loops AS rows_per_loop, n.self_ms, n.self_ms + j.self_ms AS join_ms,
    p.execution_ms,
  min(100.0, 100.0 * (n.self_ms + j.self_ms) / p.execution_ms) AS share_pct,
  coalesce('An index on the inner side: ' || (SELECT c.ddl FROM plan_node AS i CROSS JOIN index_candidate AS c
    ON c.plan_node_id = i.id AND c.rank = 1 WHERE i.plan_id = n.plan_id AND i.node = n.node + 1),
    'An index on the inner column of the join.') AS remedy
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
CROSS JOIN plan_node AS j ON j.plan_id = n.plan_id AND j.node = n.parent
WHERE n.node_type = 'Materialize' AND n.loops >= :loops_w AND j.node_type = 'Nested Loop'
  AND n.self_ms + j.self_ms >= :time_i AND n.self_ms + j.self_ms >= :share_w * p.execution_ms
ORDER BY n.self_ms + j.self_ms DESC, n.id
