-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-index-only-heap-fetches"
version = 1
title = "Index-only scan still visits the table"
headline = "Index-only scan of {relation} visits the table for {fetched_pct} of its rows"
severity = "warning"
needs = ["plan+"]
uses = ["tabstat"]
rung = 3
summary = "The index-only scan of {relation} through {index} looked into the table {fetches} times for {found_rows} rows, because those pages are not marked all-visible."
cause = "The visibility map is out of date."
checks = ["When was the table vacuumed last?", "How often are its rows updated?"]
fix = """
1. VACUUM {relation};
2. A lower autovacuum_vacuum_scale_factor, or autovacuum_vacuum_insert_scale_factor for tables that only grow."""
proof = "Heap fetches near 0."
risk = "Reads and writes of the vacuum while it runs."
refuse = "VACUUM FULL: it locks the table for the whole rewrite and is not needed for this."
quiet = "Fewer than 100 fetches; tables that were just loaded."
related = ["plan-not-covering"]

[thresholds]
w = { value = 0.1, unit = "share", source = "set here" }
fetches_w = { value = 100, unit = "fetches", source = "set here" }
time_w = { value = 50, unit = "ms", source = "set here" }
*/
SELECT CASE WHEN n.wall_ms >= :time_w THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.relation, n.index_name AS "index", n.heap_fetches AS fetches,
  n.actual_rows + coalesce(n.rows_removed_by_filter, 0) AS found_rows,
  100.0 * n.heap_fetches / max(n.actual_rows + coalesce(n.rows_removed_by_filter, 0), 1) AS fetched_pct, n.self_ms
FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type LIKE 'Index Only Scan%' AND n.loops > 0
  AND n.heap_fetches >= :fetches_w
  AND n.heap_fetches >= :w * (n.actual_rows + coalesce(n.rows_removed_by_filter, 0))
ORDER BY n.self_ms DESC, n.id
