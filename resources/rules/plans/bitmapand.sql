-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-bitmap-and"
version = 1
title = "Two indexes combined at run time"
headline = "{arms} indexes of {relation} are intersected on every call"
severity = "info"
needs = ["plan+"]
rung = 4
summary = "{arms} index scans on {relation} ({indexes}) are read and intersected on every call; together with the table they take {wall_ms}, {share_pct} of the execution. {remedy}"
cause = "No single index on these columns together."
checks = [
  "How often does the statement run?",
  "Are the combinations of columns always the same?",
]
fix = """
1. {remedy}
2. Drop a single-column index that becomes redundant."""
proof = "One Index Scan and fewer blocks."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "An index for every combination of columns."
quiet = "Less than a twentieth of the execution or 10 ms; filters whose combination changes from call to call."
related = ["plan-leftmost-prefix", "plan-bitmap-or"]

[thresholds]
share_w = { value = 0.05, unit = "share", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), both AS (
  SELECT n.plan_id, n.node, n.parent, count(*) AS arms, sum(a.wall_ms) AS arms_ms,
    group_concat(a.index_name, ', ') AS indexes
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  CROSS JOIN plan_node AS a ON a.plan_id = n.plan_id AND a.parent = n.node
  WHERE n.node_type = 'BitmapAnd' GROUP BY n.id
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  b.arms_ms AS gain_ms,
  n.plan_id, n.relation, b.arms, b.indexes, n.wall_ms, p.execution_ms, min(100.0,
    100.0 * n.wall_ms / p.execution_ms) AS share_pct,
  coalesce('Try one index on both: ' || (SELECT c.ddl FROM index_candidate AS c WHERE c.plan_node_id = n.id
    AND c.rank = 1),
    'Try one index on the columns of both, those compared by = first.') AS remedy
FROM both AS b CROSS JOIN plans AS p ON p.id = b.plan_id
CROSS JOIN plan_node AS n ON n.plan_id = b.plan_id AND n.node = b.parent
WHERE n.node_type = 'Bitmap Heap Scan' AND n.loops > 0 AND n.wall_ms >= :time_i
  AND n.wall_ms >= :share_w * p.execution_ms
ORDER BY n.wall_ms DESC, n.id
