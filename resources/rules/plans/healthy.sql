-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-healthy"
version = 1
title = "Nothing to fix in this plan"
headline = "Nothing to fix: {execution_ms}"
severity = "good"
needs = ["plan+"]
rung = 0
summary = "{node} is what this query should use and the execution takes {execution_ms}. {note}"
cause = "-"
checks = ["Are requests slow all the same? Then look at the wait in front of the statement: pool, locks, network."]
fix = "1. Nothing."
proof = "None needed."
risk = "None: nothing is changed."
refuse = "An index to be on the safe side."
quiet = "Any open warning about the same plan (the product drops this finding then); executions above 100 ms; more than 20 plans, as from a log."
related = ["plan-seq-scan-right"]

[thresholds]
fast = { value = 100, unit = "ms", source = "an indexed statement at its worst" }
plans_most = { value = 20, unit = "plans", source = "set here: of a whole log only what is wrong is told" }
*/
WITH ranked AS (
  SELECT n.id, n.plan_id, n.node_type, n.relation, n.heap_fetches, n.lossy_blocks, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    row_number() OVER (PARTITION BY n.plan_id ORDER BY n.self_ms DESC, n.node) AS place
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.self_ms IS NOT NULL
)
SELECT 'good' AS severity, 'plan' AS subject_kind, r.plan_id AS subject_id, r.captured_at_ns AS start_ns,
  r.captured_at_ns AS end_ns, NULL AS gain_ms,
  r.plan_id, r.node_type || coalesce(' on ' || r.relation, '') AS node, r.execution_ms,
  CASE WHEN r.node_type LIKE 'Index Only Scan%' AND coalesce(r.heap_fetches, 0) = 0
    THEN 'The table itself was not touched.'
    WHEN r.node_type = 'Bitmap Heap Scan' AND coalesce(r.lossy_blocks, 0) = 0
      THEN 'A bitmap scan is normal when one to fifteen percent of a table is wanted.'
    ELSE '' END AS note
FROM ranked AS r
WHERE r.place = 1 AND r.execution_ms <= :fast AND (SELECT count(*) FROM plan) <= :plans_most
ORDER BY r.plan_id
