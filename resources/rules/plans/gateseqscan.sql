-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-gate-seq-scan"
version = 1
title = "Sequential scan that only a small test database hides"
headline = "{relation} has {table_rows} rows and is scanned whole"
severity = "critical"
needs = ["plan", "catalog"]
rung = 4
summary = "The plan scans {relation} whole for about {expected_rows} rows. {measured} By the catalog the table has {table_rows} rows; there the scan decides. {remedy}"
cause = "The statement was written without an index, and the test data are small."
checks = [
  "Are the catalog and its statistics those of production?",
  "Is it a report that may scan?",
]
fix = """
1. {remedy}
2. Mute this finding with a reason when the scan is meant."""
proof = "The plan with production statistics shows an index."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "'It is fast on the test database.'"
quiet = "Scans that a LIMIT is expected to end early. Tables of 10,000 rows or fewer by the catalog, an expected share above 15 %, scans that took long enough for plan-seq-scan-selective."
related = ["plan-seq-scan-selective", "plan-leftmost-prefix"]

[thresholds]
rows = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
keep = { value = 0.15, unit = "share", source = "above it a scan may be right" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH size AS MATERIALIZED (
  SELECT t.relname, t.schemaname, max(t.reltuples) AS reltuples FROM db_table AS t WHERE t.reltuples > :rows
    GROUP BY 1, 2
)
SELECT 'critical' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.relation, t.reltuples AS table_rows, coalesce(n.actual_rows, n.plan_rows) AS expected_rows,
  CASE WHEN n.loops IS NULL THEN 'It was only planned.'
    ELSE 'Where it was measured the scan took little time.' END AS measured, c.ddl,
  coalesce('Try ' || c.ddl, c.reason, 'Index the columns of its filter.') AS remedy
FROM plan AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id CROSS JOIN size AS t ON t.relname = n.relation
LEFT JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Seq Scan' AND (n.schema IS NULL
  OR t.schemaname = n.schema) AND n.filter IS NOT NULL
  -- By the planner's own price the LIMIT ends it early.
  AND NOT EXISTS (SELECT 1 FROM plan_node AS l WHERE l.plan_id = n.plan_id AND l.node = n.parent
    AND l.node_type = 'Limit' AND l.total_cost < 0.5 * n.total_cost)
  AND (n.loops IS NULL OR (n.loops > 0 AND n.wall_ms < :time_i))
  AND coalesce(n.actual_rows / n.loops, n.plan_rows) <= :keep * CASE WHEN n.loops > 0
    THEN max(n.actual_rows + coalesce(n.rows_removed_by_filter, 0), 1) / n.loops ELSE t.reltuples END
ORDER BY t.reltuples DESC, n.id
