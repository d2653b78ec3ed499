-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-correlated-columns"
version = 1
title = "Filter on related columns, estimated as if independent"
headline = "{columns} of {relation} depend on each other"
severity = "warning"
needs = ["plan+", "catalog"]
uses = ["tabstat"]
rung = 3
summary = "The planner multiplied the shares of {columns} of {relation} and expected {expected_rows} rows; it met {met_rows} ({under_x} as many). The share of each column alone is right ({product_rows} rows is what their product gives), so the columns depend on each other."
cause = "The planner takes the columns for independent unless extended statistics say otherwise."
checks = [
  "mcv exists from version 12 on: leave it out before.",
  "Are the statistics fresh? ANALYZE first.",
  "The true share of both together, on a sample.",
  "Do extended statistics on these columns exist already?",
]
fix = "1. {ddl}"
proof = "Expected and met rows agree within ten times on the same statement."
risk = "ANALYZE and planning take a little longer."
refuse = "A higher statistics target alone: it does not describe the pair."
quiet = "Statistics older than the changes that trigger ANALYZE, one column, comparisons other than = with a constant, estimates that are not near the product."
related = ["plan-row-misestimate", "plan-skewed-column"]

[thresholds]
w = { value = 10, unit = "factor", source = "as in plan-row-misestimate" }
rows = { value = 100, unit = "rows", source = "as in plan-row-misestimate" }
stale = { value = 0.1, unit = "share", source = "the share of changes that makes autovacuum analyze" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
near = { value = 2, unit = "factor", source = "set here" }
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
), product AS (
  SELECT c.id, group_concat(c."column", ', ') AS columns, count(DISTINCT c."column") AS n,
    max(c.reltuples) AS reltuples,
    -- No product among the aggregates of SQLite: the sum of logarithms.
    max(c.reltuples) * exp(sum(ln(max(c.share, 1e-12)))) AS product_rows,
    group_concat(CASE WHEN c."column" GLOB '[a-z_]*' AND NOT c."column" GLOB '*[^a-z0-9_$]*' THEN c."column"
      ELSE '"' || replace(c."column", '"', '""') || '"' END, ', ') AS quoted
  FROM (SELECT * FROM compared ORDER BY id, "column") AS c
  GROUP BY c.id HAVING min(c.share IS NOT NULL AND c.operator IN ('=', 'IS TRUE', 'IS FALSE')
    AND c.literal IS NOT NULL) = 1
)
SELECT CASE WHEN m.execution_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, m.id AS subject_id, m.captured_at_ns AS start_ns, m.captured_at_ns AS end_ns,
    NULL AS gain_ms,
  m.plan_id, m.relation, r.columns, m.plan_rows AS expected_rows, m.met_rows, m.under_x, r.product_rows,
  'CREATE STATISTICS ' || CASE WHEN m.relation || r.columns GLOB '*[^a-z0-9_, ]*' THEN '"' ELSE '' END
    || replace(substr('stx_' || m.relation || '_' || replace(r.columns, ', ', '_'), 1, 60), '"', '')
    || CASE WHEN m.relation || r.columns GLOB '*[^a-z0-9_, ]*' THEN '"' ELSE '' END
    || ' (dependencies, ndistinct, mcv) ON ' || r.quoted || ' FROM ' || coalesce(m.schema || '.', '')
    || m.relation
    || '; ANALYZE ' || coalesce(m.schema || '.', '') || m.relation || ';' AS ddl
FROM misestimate AS m CROSS JOIN product AS r ON r.id = m.id
WHERE r.n >= 2 AND max(m.plan_rows, 1) <= :near * max(r.product_rows, 1) AND max(r.product_rows,
  1) <= :near * max(m.plan_rows, 1)
  AND NOT EXISTS (SELECT 1 FROM stale AS s WHERE s.relname = m.relation AND (m.schema IS NULL
    OR s.schemaname = m.schema))
ORDER BY m.execution_ms DESC, m.id
