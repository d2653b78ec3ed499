-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-tuning-exhausted"
version = 1
title = "Plan is as good as SQL gets, budget still missed"
headline = "{execution_ms} with indexes alone, {target_ms} allowed"
severity = "info"
needs = ["plan+", "budget", "catalog"]
rung = 8
summary = "The plan reads its tables through indexes, throws nothing away, spills nothing and is estimated well, and still takes {execution_ms} where {budget} allows {target_ms}. {relation} has {table_rows} rows: what is left is structural."
cause = "Index depth and working set exceed the memory."
checks = [
  "Is the budget really needed?",
  "Which share of the reads misses the cache?",
  "Which share of the rows is cold?",
]
fix = """
1. A replica for this read.
2. Partition or archive what is cold.
3. A materialised view.
4. A cache.
5. A search or column engine.
6. Shards last."""
proof = "The measured time is within the budget."
risk = "Old answers or more operations, step by step."
refuse = "Shards as the first step."
quiet = "Any cheaper finding about the plan, tables below 100 million rows, plans within the budget."
related = ["budget-component-over", "plan-healthy"]

[thresholds]
rows = { value = 100000000, unit = "rows", source = "common guideline for very large tables" }
close_x = { value = 10, unit = "factor", source = "an estimate within this factor is right" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), target AS (
  SELECT b.name, b.target_ms FROM budget AS b WHERE b.target_ms > 0 ORDER BY b.target_ms DESC LIMIT 1
), large AS MATERIALIZED (
  SELECT t.relname, max(t.reltuples) AS reltuples FROM db_table AS t WHERE t.reltuples >= :rows GROUP BY 1
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, p.execution_ms, t.target_ms, t.name AS budget, l.relname AS relation, l.reltuples AS table_rows
FROM plans AS p CROSS JOIN target AS t CROSS JOIN plan_node AS n ON n.plan_id = p.id
  JOIN large AS l ON l.relname = n.relation
WHERE p.execution_ms > t.target_ms AND n.loops > 0 AND n.index_name IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM plan_node AS b WHERE b.plan_id = p.id AND b.loops > 0
    AND (b.node_type = 'Seq Scan' OR b.sort_disk = 1 OR b.hash_batches > 1 OR b.temp_written > 0
      OR b.rows_removed_by_filter > b.actual_rows OR b.rows_removed_by_join_filter > b.actual_rows
      OR (b.relation IS NOT NULL AND (b.plan_rows * b.loops > :close_x * max(b.actual_rows, 100)
        OR b.actual_rows > :close_x * max(b.plan_rows * b.loops, 100)))
      OR EXISTS (SELECT 1 FROM index_candidate AS c WHERE c.plan_node_id = b.id AND c.ddl IS NOT NULL)))
GROUP BY p.id
ORDER BY p.execution_ms DESC, p.id
