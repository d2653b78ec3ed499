-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "sqlite-temp-b-tree"
version = 1
title = "SQLite sorts in a temporary b-tree"
headline = "{detail}"
severity = "info"
needs = ["plan"]
rung = 4
summary = "{detail}: all rows are gathered and sorted before the first one comes. How many there are the plan does not say."
cause = "No index delivers the rows in the order of ORDER BY, GROUP BY or DISTINCT."
checks = ["Is there a LIMIT? Then an index in the right order reads only that many rows.", "Do all columns of the order come from the outermost table?"]
fix = """
1. CREATE INDEX with the columns compared for equality, then those of the order, in its direction."""
proof = "The step is gone."
risk = "One more index to write."
refuse = "PRAGMA temp_store = MEMORY before the size of the result is known."
quiet = "The right part of an order of which an index delivers the left part."
related = ["sqlite-scan-in-join"]
*/
WITH step AS (
  SELECT n.id, n.plan_id, n.node, n.parent, n.position, n.node_type, n.relation, p.captured_at_ns,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$.detail') END AS detail
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE p.engine = 'sqlite'
)
SELECT 'info' AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.detail
FROM step AS s
WHERE s.node_type LIKE 'USE TEMP B-TREE FOR %' AND s.node_type NOT LIKE '%RIGHT PART%' AND s.node_type NOT LIKE '%LAST%'
ORDER BY s.id
