-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-memory-spill"
version = 1
title = "Sort, hash or aggregate did not fit in memory"
headline = "{node}: {what}"
severity = "critical"
needs = ["plan+"]
uses = ["settings"]
rung = 2
caused_by = ["plan-row-misestimate", "plan-seq-scan-selective"]
summary = "{node} did not fit in work_mem{work_mem}: {what}. Temporary files are slower than memory and compete with other reads and writes."
cause = "More rows than the memory of one node holds, often after a wrong estimate."
checks = [
  "Are that many rows and columns needed at this point?",
  "Could an index deliver the order?",
  "Are the estimates below right?",
  "How many such nodes and sessions run at once? The memory is per node and session.",
]
fix = """
1. An index that gives the order or the groups.
2. Fewer rows or columns before this node.
3. {memory}"""
proof = "The sort shows quicksort or top-N in memory, batches 1, no temporary blocks."
risk = "Memory use times nodes times sessions. Take it back when free memory falls below 20 % or the system kills processes."
refuse = "Raising work_mem for the whole server because of one statement."
quiet = "Spills below 10 MB that take less than 50 ms."
related = ["plan-row-misestimate", "plan-sort-before-limit"]

[thresholds]
disk_w = { value = 10240, unit = "kB", source = "set here" }
time_w = { value = 50, unit = "ms", source = "set here" }
disk_c = { value = 1048576, unit = "kB", source = "set here" }
*/
WITH figure AS (
  SELECT n.id, n.plan_id, n.node, n.node_type, n.self_ms, n.sort_kb, n.sort_disk, n.hash_batches, n.temp_written,
    p.captured_at_ns,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Peak Memory Usage"') END AS peak_kb,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."HashAgg Batches"') END AS agg_batches,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Disk Usage"') END AS agg_disk_kb,
    CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Sort Method"') END AS sort_method,
    CASE WHEN json_valid(p.settings) THEN json_extract(p.settings, '$.work_mem') END AS work_mem
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.loops > 0
), spill AS (
  SELECT f.*, 'sort' AS kind, f.sort_kb AS disk_kb, 3.0 * f.sort_kb AS needed_kb,
    coalesce(f.sort_method, 'sorted') || ', ' || f.sort_kb || ' kB on disk' AS what
  FROM figure AS f WHERE f.sort_disk = 1
  UNION ALL
  SELECT f.*, 'hash', coalesce(8.0 * f.temp_written, f.peak_kb * (f.hash_batches - 1), 0),
    1.0 * f.peak_kb * f.hash_batches, 'the hash table was split into ' || f.hash_batches || ' batches'
  FROM figure AS f WHERE f.hash_batches > 1
  UNION ALL
  SELECT f.*, 'aggregate', coalesce(f.agg_disk_kb, 0),
    1.0 * coalesce(f.peak_kb, 0) + 3.0 * coalesce(f.agg_disk_kb, 0),
    'the groups were split into ' || f.agg_batches || ' batches, ' || coalesce(f.agg_disk_kb, 0) || ' kB on disk'
  FROM figure AS f WHERE f.agg_batches > 1 OR f.agg_disk_kb > 0
  UNION ALL
  SELECT f.id, f.plan_id, f.node, f.node_type, f.self_ms, f.sort_kb, f.sort_disk, f.hash_batches, f.temp_written,
    f.captured_at_ns, f.peak_kb, f.agg_batches, f.agg_disk_kb, f.sort_method, f.work_mem,
    'store', 8.0 * f.own_written, 8.0 * f.own_written,
    'its rows were kept in a file of ' || (8 * f.own_written) || ' kB'
  FROM (SELECT g.*, g.temp_written - coalesce((SELECT sum(c.temp_written) FROM plan_node AS c WHERE c.plan_id = g.plan_id
      AND c.parent = g.node), 0) AS own_written
    FROM figure AS g WHERE g.temp_written > 0
      AND g.node_type IN ('Materialize', 'CTE Scan', 'WindowAgg', 'Function Scan', 'Recursive Union')) AS f
  WHERE f.own_written > 0
)
SELECT CASE WHEN s.disk_kb >= :disk_c THEN 'critical' ELSE 'warning' END AS severity,
  'plan_node' AS subject_kind, s.id AS subject_id, s.captured_at_ns AS start_ns, s.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  s.plan_id, s.node_type AS node, s.kind, s.what, s.disk_kb, s.self_ms,
  coalesce(' of ' || s.work_mem, '') AS work_mem,
  coalesce((SELECT column1 || 'MB' FROM (VALUES (8), (16), (32), (64), (128), (256), (512), (1024), (2048), (4096),
      (8192), (16384)) WHERE column1 * 1024 >= s.needed_kb ORDER BY column1 LIMIT 1),
    'more than one node should take') AS needed,
  CASE WHEN s.needed_kb <= 1048576 THEN 'For this statement only: SET LOCAL work_mem = ''' || (SELECT column1
      FROM (VALUES (8), (16), (32), (64), (128), (256), (512), (1024)) WHERE column1 * 1024 >= s.needed_kb
      ORDER BY column1 LIMIT 1) || 'MB''; each such node of each process may take it.'
    ELSE 'More memory is no remedy: this node alone would take more than 1 GB.' END AS memory
FROM spill AS s
WHERE s.disk_kb >= :disk_w OR s.self_ms >= :time_w
ORDER BY s.self_ms DESC, s.id
