-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-deep-offset"
version = 1
title = "Deep OFFSET reads rows only to discard them"
headline = "OFFSET discards {discarded_rows} rows to return {returned_rows}"
severity = "critical"
needs = ["plan+"]
rung = 5
summary = "To return {returned_rows} rows the server produced {produced_rows} and threw the rest away. The cost grows with the page number; a cursor on the last key seen costs the same on every page."
cause = "Pages are addressed by number."
checks = [
  "Is the order unique and stable? It must end with a unique column.",
  "Does anyone need to jump to an arbitrary page?",
  "Is there an index on the sort key?",
]
fix = """
1. SELECT ... WHERE (<sort column>, <id>) < (<last sort value>, <last id>) ORDER BY <sort column> DESC, <id> DESC LIMIT <n>; with an index on (<sort column>, <id>).
2. Or cap the page number that can be reached."""
proof = "Rows produced equal the page size at any depth."
risk = "No jumps to arbitrary pages; stored links to pages change their meaning."
refuse = "An index alone: the skipped entries are still walked."
quiet = "Fewer than 10,000 rows discarded; single exports."
related = ["plan-sort-before-limit"]

[thresholds]
off_w = { value = 10000, unit = "rows", source = "set here" }
off_c = { value = 100000, unit = "rows", source = "page 10,000 of ten rows" }
ratio = { value = 100, unit = "factor", source = "set here" }
*/
SELECT CASE WHEN c.actual_rows - l.actual_rows >= :off_c THEN 'critical' ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, l.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  c.wall_ms * (c.actual_rows - l.actual_rows) / c.actual_rows AS gain_ms,
  l.plan_id, l.actual_rows AS returned_rows, c.actual_rows AS produced_rows,
  c.actual_rows - l.actual_rows AS discarded_rows, l.wall_ms
FROM plan AS p CROSS JOIN plan_node AS l ON l.plan_id = p.id
-- The only child of a node follows it in pre-order.
CROSS JOIN plan_node AS c ON c.plan_id = l.plan_id AND c.node = l.node + 1 AND c.parent = l.node
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND l.node_type = 'Limit' AND l.loops > 0
  AND c.actual_rows - l.actual_rows >= :off_w
  AND c.actual_rows >= :ratio * max(l.actual_rows, 1)
ORDER BY l.wall_ms DESC, l.id
