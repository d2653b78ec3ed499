-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-trigger-time"
version = 1
title = "Triggers take a large part of the time"
headline = "Trigger {trigger} takes {share_pct} of the execution"
severity = "warning"
needs = ["plan+"]
uses = ["catalog"]
rung = 4
summary = "Trigger {trigger} ran {calls} times and took {trigger_ms} ({per_call_ms} a call), {share_pct} of the execution. {kind}"
cause = "A foreign key without an index on the referencing column, or work per row in a trigger."
checks = [
  "Is it the check of a foreign key? Then the referencing column needs an index.",
  "What does the trigger do per row, and could it run once per statement?",
]
fix = """
1. {remedy}
2. A statement-level trigger with transition tables instead of one per row.
3. Smaller batches, so that locks are short."""
proof = "The trigger's time falls to microseconds a call."
risk = "One more index to write per insert and per update of its columns. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "Disabling the constraint or its trigger."
quiet = "Less than a tenth of the execution or 10 ms."
related = ["plan-update-without-index", "fk-unindexed"]

[thresholds]
share_w = { value = 0.1, unit = "share", source = "practice of plan viewers" }
call_w = { value = 1, unit = "ms", source = "practice of plan viewers" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), slow AS MATERIALIZED (
  SELECT t.*, (SELECT CASE WHEN json_valid(m.extra) THEN json_extract(m.extra, '$.Operation') END FROM plan_node AS m
      WHERE m.plan_id = t.plan_id AND m.node_type = 'ModifyTable' ORDER BY m.node LIMIT 1) AS operation,
    coalesce(t.relation, (SELECT m.relation FROM plan_node AS m
      WHERE m.plan_id = t.plan_id AND m.node_type = 'ModifyTable' ORDER BY m.node LIMIT 1)) AS target
  FROM plans AS p CROSS JOIN plan_trigger AS t ON t.plan_id = p.id
  WHERE t.time_ms >= :time_i AND t.time_ms >= :share_w * p.execution_ms
), part AS (
  SELECT DISTINCT k.conname, k.relname AS child, (SELECT min(x.indexrelname) FROM db_index AS x
      WHERE x.relname = k.relname AND x.schemaname IS k.schemaname AND coalesce(x.indisvalid, 1) AND x.indpred IS NULL
        AND x.indkey || ' ' LIKE c.attnum || ' %') AS existing,
    CASE WHEN k.relname GLOB '[a-z_]*' AND NOT k.relname GLOB '*[^a-z0-9_$]*' THEN k.relname
      ELSE '"' || replace(k.relname, '"', '""') || '"' END AS relname,
    CASE WHEN c.attname GLOB '[a-z_]*' AND NOT c.attname GLOB '*[^a-z0-9_$]*' THEN c.attname
      ELSE '"' || replace(c.attname, '"', '""') || '"' END AS attname
  FROM db_constraint AS k CROSS JOIN db_column AS c ON c.attrelid = k.conrelid AND c.server_id IS k.server_id
  WHERE k.contype = 'f' AND k.conname IN (SELECT s.constraint_name FROM slow AS s)
    AND ' ' || replace(replace(replace(k.conkey, ',', ' '), '{', ''), '}', '') || ' ' LIKE '% ' || c.attnum || ' %'
), referencing AS MATERIALIZED (
  SELECT r.conname, 'CREATE INDEX CONCURRENTLY ON ' || r.relname || ' (' || group_concat(r.attname, ', ')
    || ');' AS ddl, max(r.child) AS child, max(r.existing) AS existing
  FROM part AS r GROUP BY r.conname HAVING count(DISTINCT r.child) = 1
)
SELECT CASE WHEN t.time_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  t.time_ms AS gain_ms,
  p.id AS plan_id, coalesce(t.constraint_name, t.name) AS trigger, t.relation, t.calls, t.time_ms AS trigger_ms,
  t.time_ms / max(t.calls, 1) AS per_call_ms, p.execution_ms, min(100.0,
    100.0 * t.time_ms / p.execution_ms) AS share_pct,
  CASE WHEN t.constraint_name IS NOT NULL AND (t.operation = 'Insert'
        OR (t.operation = 'Update' AND r.child = t.target))
      THEN 'It looks up the row that is referred to by its key, for each row that is written.'
    WHEN t.constraint_name IS NOT NULL AND r.existing IS NULL AND t.time_ms > :call_w * max(t.calls, 1)
      THEN 'It checks a foreign key, and so long a call means that the other table is read whole each time.'
    WHEN t.constraint_name IS NOT NULL THEN 'It checks a foreign key.' ELSE '' END AS kind,
  coalesce(CASE WHEN t.constraint_name IS NOT NULL AND (t.operation = 'Insert'
        OR (t.operation = 'Update' AND r.child = t.target))
      THEN 'The key that is referred to has its index: larger batches, or the constraint added after a bulk load.'
    WHEN r.existing IS NOT NULL THEN r.existing || ' serves the check already: change fewer rows at a time.'
    ELSE r.ddl END,
    CASE WHEN t.constraint_name IS NOT NULL THEN 'Index the referencing columns of ' || t.constraint_name
      || ' (CREATE INDEX CONCURRENTLY).'
      ELSE 'Look into the function of the trigger: statements without an index inside of it count here.' END) AS remedy
FROM slow AS t CROSS JOIN plans AS p ON p.id = t.plan_id LEFT JOIN referencing AS r ON r.conname = t.constraint_name
ORDER BY t.time_ms DESC, p.id
