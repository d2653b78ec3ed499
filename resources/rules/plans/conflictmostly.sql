-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-conflict-mostly"
version = 1
title = "Most inserted rows exist already"
headline = "{conflict_pct} of the rows hit ON CONFLICT"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "Of {proposed_rows} rows proposed to {relation}, {conflicts} existed already ({conflict_pct}). Each was built, looked up in the unique index, and each uses up a sequence value."
cause = "The statement inserts what is mostly there: an update in the form of an insert."
checks = [
  "Are sequences close to their end? Every conflict takes a value.",
  "Which rows are new at all?",
]
fix = """
1. Update first, and insert only what no row matched.
2. Filter what exists before the insert (anti-join), when conflicts are for nothing."""
proof = "Conflicting tuples fall below half."
risk = "Two statements can race: keep ON CONFLICT as the safety net."
refuse = "Dropping the unique index."
quiet = "Half of the rows or fewer in conflict, fewer than 100 rows."
related = ["plan-lock-rows"]

[thresholds]
share_w = { value = 0.5, unit = "share", source = "set here" }
rows_w = { value = 100, unit = "rows", source = "set here" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), upsert AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Conflicting Tuples"') END AS conflicts,
    coalesce(CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Tuples Inserted"') END, 0) AS inserted
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type IN ('ModifyTable', 'Insert') AND n.loops > 0 AND n.extra LIKE '%"Conflicting Tuples"%'
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.relation, n.conflicts, n.conflicts + n.inserted AS proposed_rows,
  100.0 * n.conflicts / (n.conflicts + n.inserted) AS conflict_pct, p.execution_ms
FROM upsert AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.conflicts + n.inserted >= :rows_w AND n.conflicts > :share_w * (n.conflicts + n.inserted)
ORDER BY n.conflicts DESC, n.id
