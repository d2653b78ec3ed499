-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-regressed"
version = 1
title = "Plan differs from the saved fast plan"
headline = "{relation_text}slower than its saved plan"
severity = "critical"
needs = ["plan"]
rung = 2
caused_by = ["table-stats-stale"]
summary = """
The saved fast plan of this statement took {saved_ms}, the latest one {execution_ms} ({slower_x} as long). {change} \
Something about the data, the statistics or the schema changed between the two."""
cause = "Stale statistics, growth past a cost threshold, other parameters, or a dropped or invalid index."
checks = [
  "When was the table analyzed last, and were rows loaded since?",
  "Is the index of the saved plan still there and valid (pg_index.indisvalid)?",
  "Rows of the tables then and now.",
  "Were the parameters alike? Compare the rows that both plans return.",
  "Server settings of both plans.",
]
fix = """
1. ANALYZE {table_name};
2. Create the index again when the saved plan used one that is gone.
3. When the table simply grew, treat the new size as the normal case: partition or archive, then save the new plan."""
proof = "The plan equals the saved one in shape, and takes less than {ratio} times its time."
risk = "ANALYZE reads a sample of the table; other statements may change their plans with it."
refuse = "Freezing the old plan with hints or planner switches: it hides the cause until the next change."
quiet = "Latest plan below the ratio and without a worse scan or join; the same shape that returns a very different number of rows (other parameters) or reads what was cached before (a cold cache); times below 10 ms; plans of different server versions."
related = ["table-stats-stale", "series-regression-without-change", "plan-row-misestimate"]

[thresholds]
ratio = { value = 2, unit = "factor", source = "set here" }
ratio_c = { value = 10, unit = "factor", source = "set here" }
time_w = { value = 10, unit = "ms", source = "set here: below it noise decides" }
time_c = { value = 1000, unit = "ms", source = "set here" }
rows_x = { value = 10, unit = "factor", source = "set here: another share of the table" }
*/
WITH timed AS (
  SELECT p.id, p.statement_id, p.captured_at_ns, p.saved_good, p.server_version, s.shape, s.time_ms,
    r.actual_rows / nullif(r.loops, 0) AS result_rows, r.shared_read, coalesce(r.shared_hit, 0) + r.shared_read AS touched
  FROM plan_shape AS s JOIN plan AS p ON p.id = s.plan_id
  LEFT JOIN plan_node AS r ON r.plan_id = p.id AND r.node = 0
  WHERE p.statement_id IN (SELECT statement_id FROM plan WHERE saved_good = 1)
), pair AS (
  SELECT a.*, b.id AS new_id, b.captured_at_ns AS new_at, b.shape AS new_shape, b.time_ms AS new_ms,
    b.result_rows AS new_rows, b.shared_read AS new_read, b.touched AS new_touched
  FROM timed AS a JOIN timed AS b ON b.statement_id = a.statement_id AND b.id <> a.id
  WHERE a.saved_good = 1
    AND (a.server_version IS NULL OR b.server_version IS NULL OR a.server_version = b.server_version)
    AND b.id = (SELECT c.id FROM timed AS c WHERE c.statement_id = a.statement_id AND c.id <> a.id
      ORDER BY c.captured_at_ns DESC, c.id DESC LIMIT 1)
    AND (a.captured_at_ns IS NULL OR b.captured_at_ns IS NULL OR b.captured_at_ns >= a.captured_at_ns)
), worse AS (
  SELECT p.id, n.relation, n.schema,
    o.node_type || coalesce(' using ' || o.index_name, '') || coalesce(' on ' || o.relation, '') AS old,
    n.node_type || coalesce(' using ' || n.index_name, '') || coalesce(' on ' || n.relation, '') AS new,
    row_number() OVER (PARTITION BY p.id ORDER BY coalesce(m.self_ms_difference, n.total_cost) DESC, n.id) AS place
  FROM pair AS p JOIN plan_match AS m ON m.plan_id = p.id AND m.other_plan_id = p.new_id
  JOIN plan_node AS o ON o.id = m.node_id JOIN plan_node AS n ON n.id = m.other_node_id
  WHERE (n.node_type = 'Seq Scan' AND (o.node_type LIKE 'Index%' OR o.node_type = 'Bitmap Heap Scan'))
    OR (n.node_type = 'Nested Loop' AND o.node_type IN ('Hash Join', 'Merge Join'))
), fact AS (
  SELECT p.*, w.old, w.new, w.relation, w.schema, p.new_ms / nullif(p.time_ms, 0) AS slower_x,
    p.new_shape = p.shape AND p.new_rows IS NOT NULL AND p.result_rows IS NOT NULL
      AND (max(p.new_rows, 1) >= :rows_x * max(p.result_rows, 1) OR max(p.result_rows, 1) >= :rows_x * max(p.new_rows, 1))
      AS other_rows,
    p.new_shape = p.shape AND p.new_touched > 0 AND p.touched > 0
      AND p.new_read > 0.5 * p.new_touched AND p.shared_read <= 0.1 * p.touched AS cold
  FROM pair AS p LEFT JOIN worse AS w ON w.id = p.id AND w.place = 1
)
SELECT CASE WHEN f.slower_x >= :ratio_c AND f.new_ms >= :time_c THEN 'critical' ELSE 'warning' END AS severity,
  'plan' AS subject_kind, f.new_id AS subject_id, f.new_at AS start_ns, f.new_at AS end_ns,
  max(f.new_ms - f.time_ms, 0) AS gain_ms,
  f.new_id AS plan_id, f.id AS saved_plan_id, f.statement_id, f.time_ms AS saved_ms, f.new_ms AS execution_ms,
  f.slower_x, f.old, f.new, f.relation,
  coalesce('Statement on ' || f.relation || ' is ', 'Statement is ') AS relation_text,
  coalesce(CASE WHEN f.schema IS NULL THEN '' ELSE f.schema || '.' END || f.relation, 'the tables it reads') AS table_name,
  CASE WHEN f.old IS NOT NULL THEN 'When it was fast it used ' || f.old || '; now it uses ' || f.new || '.'
    WHEN f.new_shape = f.shape THEN 'The shape of the plan is the same: its tables, their caches or their rows changed.'
    ELSE 'The plan has another shape.' END AS change
FROM fact AS f
WHERE NOT coalesce(f.other_rows, 0) AND NOT coalesce(f.cold, 0)
  AND ((f.slower_x >= :ratio AND f.new_ms >= :time_w)
    OR (f.old IS NOT NULL AND (f.new_ms IS NULL OR f.time_ms IS NULL)))
ORDER BY f.new_ms - f.time_ms DESC, f.new_id
