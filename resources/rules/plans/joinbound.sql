-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-join-bound"
version = 1
title = "The joins, not the scans, cost the time"
headline = "Joining {relations} tables takes {share_pct} of the time"
severity = "warning"
needs = ["plan+"]
rung = 7
caused_by = ["plan-row-misestimate"]
summary = "The statement joins {relations} tables; the joins themselves take {join_ms} of {execution_ms} ({share_pct}). No index rescues it: the time goes into combining rows."
cause = "A model in many tables that is read through many joins."
checks = [
  "How many reads are there for a write of these tables? 500 to 1 favours precomputing, 5 to 1 does not.",
  "Is every join needed, or is one there for a single name column?",
  "Are the estimates of the lower joins right?",
]
fix = """
1. Drop the joins whose columns are not used.
2. A materialised view that is refreshed on a schedule.
3. One column copied to where it is read, with a check for drift."""
proof = "The execution time falls, and writes do not get slower by more."
risk = "Copies get old or drift apart; writes fan out."
refuse = "One more index."
quiet = "Fewer than eight tables, joins below half of the time, statements below 100 ms."
related = ["plan-row-misestimate", "plan-cartesian"]

[thresholds]
share = { value = 0.5, unit = "share", source = "set here" }
n = { value = 8, unit = "tables", source = "a common bound; an example has 14" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), figure AS (
  SELECT n.plan_id, sum(CASE WHEN n.node_type IN ('Nested Loop', 'Hash Join', 'Merge Join', 'Hash')
    THEN n.self_ms END) AS join_ms,
    count(CASE WHEN n.relation IS NOT NULL AND n.node_type <> 'ModifyTable' THEN 1 END) AS relations,
    count(CASE WHEN n.node_type IN ('Nested Loop', 'Hash Join', 'Merge Join') THEN 1 END) AS joins
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id WHERE p.execution_ms >= :time_w GROUP BY n.plan_id
)
SELECT 'warning' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  f.join_ms AS gain_ms,
  p.id AS plan_id, f.joins + 1 AS relations, f.join_ms, p.execution_ms, min(100.0,
    100.0 * f.join_ms / p.execution_ms) AS share_pct
FROM figure AS f CROSS JOIN plans AS p ON p.id = f.plan_id
WHERE f.join_ms >= :share * p.execution_ms AND f.joins + 1 >= :n AND f.relations >= :n
ORDER BY f.join_ms DESC, p.id
