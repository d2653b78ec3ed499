-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-hottest-node"
version = 1
title = "Where the time of this plan goes"
headline = "{node} holds {share_pct} of the time"
severity = "info"
needs = ["plan+"]
rung = 0
caused_by = [
  "plan-seq-scan-selective", "plan-index-filter-removes-most", "plan-index-order-wrong", "plan-memory-spill",
  "plan-heavy-page-reads", "plan-bitmap-lossy", "plan-nested-loop-large-inner", "plan-subplan-repeated",
]
summary = "{node} takes {self_ms} of {execution_ms} by itself ({share_pct}). Start there: the nodes above only wait for it."
cause = "-"
checks = ["Leaves first.", "Time and rows times loops.", "InitPlans and CTEs count once, where they are used."]
fix = "1. See the other findings about this node; without one the work itself is what the query asks for."
proof = "The order of the nodes by self time changes after the fix."
risk = "None: nothing is changed."
refuse = "Reading the total of the root as its own time."
quiet = "Plans without actual times, plans below 100 ms, plans in which no node holds a fifth of the time."
related = ["plan-evidence-missing"]

[thresholds]
s = { value = 0.2, unit = "share", source = "set here" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH ranked AS (
  SELECT n.id, n.plan_id, n.node_type, n.relation, n.index_name, n.self_ms, n.doubt_ms, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    row_number() OVER (PARTITION BY n.plan_id ORDER BY n.self_ms DESC, n.node) AS place
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.self_ms IS NOT NULL
)
SELECT 'info' AS severity, 'plan_node' AS subject_kind, r.id AS subject_id, r.captured_at_ns AS start_ns,
  r.captured_at_ns AS end_ns, NULL AS gain_ms,
  r.plan_id, r.node_type || coalesce(' on ' || r.relation, '') AS node, r.index_name, r.self_ms, r.doubt_ms,
  r.execution_ms, min(100.0, 100.0 * r.self_ms / r.execution_ms) AS share_pct
FROM ranked AS r
WHERE r.place = 1 AND r.self_ms >= :s * r.execution_ms AND r.execution_ms >= :time_w
ORDER BY r.self_ms DESC, r.id
