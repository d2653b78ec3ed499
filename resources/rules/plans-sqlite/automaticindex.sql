-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "sqlite-automatic-index"
version = 1
title = "SQLite builds an index for this one statement"
headline = "An index on {relation} is built at every run"
severity = "warning"
needs = ["plan"]
rung = 4
summary = "{detail}: SQLite builds an index when the statement begins and throws it away when it ends."
cause = "The join or the correlated condition needs an index that the schema lacks."
checks = ["Does the statement run often? Then the index pays for itself.", "Is {relation} a subquery? Then an index on its table cannot help; keep it in a table."]
fix = """
1. CREATE INDEX ON {relation} with the columns that stand in the brackets of the step, then those that are read."""
proof = "The step names an index of the schema."
risk = "One more index to write."
refuse = "PRAGMA automatic_index = OFF: the scan that follows is slower still."
quiet = "Plans without an automatic index."
related = ["sqlite-scan-in-join"]
*/
WITH step AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.position, n.node_type, n.relation, p.captured_at_ns,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$.detail') END AS detail
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine = 'sqlite'
)
SELECT 'warning' AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.relation, s.detail
FROM step AS s
WHERE s.detail LIKE '%USING AUTOMATIC %INDEX%' AND s.relation IS NOT NULL
ORDER BY s.id
