-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-skewed-column"
version = 1
title = "One uneven column defeats the default statistics"
headline = "{column} of {relation}: {expected_rows} rows expected, {met_rows} met"
severity = "warning"
needs = ["plan+", "catalog"]
uses = ["tabstat"]
rung = 3
summary = "Only {column} of {relation} is compared, its statistics are fresh, and still the planner expected {expected_rows} rows and met {met_rows} ({factor_x} {direction}). The sample of 30,000 rows with 100 common values is too coarse for this column."
cause = "Many distinct or very uneven values, and the default statistics target."
checks = [
  "Is the value among the common ones (pg_stats.most_common_vals)?",
  "Is the number of distinct values realistic?",
  "Does another column depend on it?",
]
fix = "1. {ddl}"
proof = "Expected and met rows agree within ten times for the same value."
risk = "ANALYZE and planning take longer; take it back with SET STATISTICS -1."
refuse = "A higher default_statistics_target for the whole server."
quiet = "Columns with a target of their own, statistics older than the changes that trigger ANALYZE, several columns."
related = ["plan-row-misestimate", "plan-correlated-columns"]

[thresholds]
w = { value = 10, unit = "factor", source = "as in plan-row-misestimate" }
rows = { value = 100, unit = "rows", source = "as in plan-row-misestimate" }
stale = { value = 0.1, unit = "share", source = "the share of changes that makes autovacuum analyze" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
default_target = { value = 100, unit = "values", source = "default_statistics_target" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), misestimate AS MATERIALIZED (
  SELECT n.id, n.plan_id, n.relation, n.schema, n.node_type, n.plan_rows, n.actual_rows / n.loops AS met_rows,
    p.captured_at_ns,
    p.execution_ms, max(n.actual_rows / n.loops, 1) / max(n.plan_rows, 1) AS under_x
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.loops > 0 AND n.relation IS NOT NULL AND p.execution_ms >= :time_i
    AND n.node_type IN ('Seq Scan', 'Index Scan', 'Index Only Scan', 'Bitmap Heap Scan')
    AND max(n.plan_rows, n.actual_rows / n.loops) >= :rows
    AND (max(n.actual_rows / n.loops, 1) >= :w * max(n.plan_rows, 1) OR max(n.plan_rows,
      1) >= :w * max(n.actual_rows / n.loops, 1))
), known AS MATERIALIZED (
  SELECT max(coalesce(k.server_id, 0)) AS newest, k.relname, k.schemaname, k.attname, k.attstattarget, k.n_distinct, coalesce(k.null_frac, 0) AS null_frac,
    CASE WHEN k.n_distinct > 0 THEN k.n_distinct WHEN t.reltuples > 0
      THEN -k.n_distinct * t.reltuples END AS distinct_n,
    t.reltuples, k.most_common_vals NOT LIKE '%"%' AND k.most_common_vals NOT LIKE '%\%' AS is_known,
    '["' || replace(substr(k.most_common_vals, 2, length(k.most_common_vals) - 2), ',', '","') || '"]' AS vals,
    '[' || substr(k.most_common_freqs, 2, length(k.most_common_freqs) - 2) || ']' AS freqs
  FROM db_column AS k JOIN db_table AS t ON t.relname = k.relname AND t.schemaname = k.schemaname
    AND t.server_id IS k.server_id
  WHERE k.n_distinct IS NOT NULL AND k.n_distinct <> 0 AND t.reltuples > 0
  -- Of several snapshots the last: SQLite takes the other columns from the row of the max().
  GROUP BY k.schemaname, k.relname, k.attname
), compared AS (
  SELECT m.id, c."column", c.operator, c.literal, k.reltuples, k.attstattarget,
    coalesce(CASE WHEN k.is_known THEN (SELECT f.value FROM json_each(k.vals) AS v CROSS
      JOIN json_each(k.freqs) AS f ON f.key = v.key
      WHERE v.value = c.literal) END, (1.0 - k.null_frac) / max(k.distinct_n, 1)) AS share
  FROM misestimate AS m CROSS JOIN plan_condition AS c ON c.plan_node_id = m.id
  LEFT JOIN known AS k ON k.relname = m.relation AND k.attname = c."column" AND (m.schema IS NULL
    OR k.schemaname = m.schema)
  WHERE c.place IN ('filter', 'index_cond', 'recheck_cond')
), stale AS MATERIALIZED (
  SELECT t.relname, t.schemaname FROM (SELECT s.*, row_number() OVER (PARTITION BY s.schemaname, s.relname
      ORDER BY s.ts_ns DESC) AS place FROM table_sample AS s WHERE s.n_mod_since_analyze IS NOT NULL) AS t
  WHERE t.place = 1 AND t.n_live_tup > 0
    AND t.n_mod_since_analyze > :stale * t.n_live_tup
), single AS (
  SELECT c.id, min(c."column") AS name, count(*) AS n, min(c.operator) AS operator, max(c.attstattarget) AS target,
    max(c.reltuples) AS reltuples
  FROM compared AS c GROUP BY c.id HAVING count(DISTINCT c."column") = 1 AND count(*) = 1
)
SELECT CASE WHEN m.execution_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, m.id AS subject_id, m.captured_at_ns AS start_ns, m.captured_at_ns AS end_ns,
    NULL AS gain_ms,
  m.plan_id, m.relation, r.name AS "column", m.plan_rows AS expected_rows, m.met_rows, max(m.under_x,
    1.0 / m.under_x) AS factor_x,
  CASE WHEN m.under_x < 1 THEN 'fewer' ELSE 'more' END AS direction,
  'ALTER TABLE ' || coalesce(m.schema || '.', '') || m.relation || ' ALTER COLUMN "' || replace(r.name, '"', '""')
    || '" SET STATISTICS 1000; ANALYZE ' || coalesce(m.schema || '.', '') || m.relation || ';' AS ddl
FROM misestimate AS m CROSS JOIN single AS r ON r.id = m.id
WHERE r.operator = '=' AND r.reltuples IS NOT NULL AND (r.target IS NULL OR r.target < 0
  OR r.target = :default_target)
  AND NOT EXISTS (SELECT 1 FROM stale AS s WHERE s.relname = m.relation AND (m.schema IS NULL
    OR s.schemaname = m.schema))
ORDER BY m.execution_ms DESC, m.id
