-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-partial-index"
version = 1
title = "Constant condition fits a partial index"
headline = "{relation}: an index on {value_pct} of the rows would do"
severity = "info"
needs = ["plan+", "catalog"]
uses = ["sql"]
rung = 4
summary = "The scan of {relation} asks for one constant of {column}, which {value_pct} of the rows have. An index on only those is smaller by as much and is written less often."
cause = "A full index holds rows that nobody asks for."
checks = [
  "Is the constant in the text of the statement? A parameter cannot match the condition of the index.",
  "Who else needs the full index?",
]
fix = "1. CREATE INDEX CONCURRENTLY ON {relation} ({key_columns}) WHERE {column} = <the constant>;"
proof = "The size of the index and the blocks read fall."
risk = "Other values need another index; drop it when the values shift."
refuse = "One partial index per value."
quiet = "Values of more than a fifth of the rows or of unknown share, filters on that column alone, scans below 10 ms."
related = ["plan-low-selectivity-column", "plan-seq-scan-selective"]

[thresholds]
rows = { value = 0.2, unit = "share", source = "set here; an example has 0.05" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), known AS MATERIALIZED (
  SELECT k.relname, k.schemaname, k.attname, k.n_distinct,
    '["' || replace(substr(k.most_common_vals, 2, length(k.most_common_vals) - 2), ',', '","') || '"]' AS vals,
    '[' || substr(k.most_common_freqs, 2, length(k.most_common_freqs) - 2) || ']' AS freqs
  FROM db_column AS k WHERE k.most_common_vals IS NOT NULL AND k.most_common_vals NOT LIKE '%"%'
    AND k.most_common_vals NOT LIKE '%\%'
), value AS (
  SELECT n.id, n.plan_id, c."column" AS name, i.columns AS key_columns, n.relation, n.wall_ms,
    (SELECT f.value FROM json_each(k.vals) AS v CROSS JOIN json_each(k.freqs) AS f ON f.key = v.key
      WHERE v.value = c.literal) AS share
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  CROSS JOIN index_candidate AS i ON i.plan_node_id = n.id AND i.predicate IS NOT NULL
  CROSS JOIN plan_condition AS c ON c.plan_node_id = n.id AND c.operator = '='
  JOIN known AS k ON k.relname = n.relation AND k.attname = c."column" AND (n.schema IS NULL
    OR k.schemaname = n.schema)
  WHERE n.wall_ms >= :time_i AND (i.predicate LIKE c."column" || ' = %' OR i.predicate LIKE '"' || c."column"
    || '" = %')
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, v.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  v.plan_id, v.relation, v.name AS "column", v.key_columns, 100.0 * v.share AS value_pct, v.wall_ms
FROM value AS v CROSS JOIN plans AS p ON p.id = v.plan_id
WHERE v.share <= :rows
ORDER BY v.wall_ms DESC, v.id
