-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-cost-settings"
version = 1
title = "Planner prices disks as if they spun"
headline = "random_page_cost = {random_page_cost} keeps {index} from being used"
severity = "warning"
needs = ["plan+", "settings"]
uses = ["catalog", "config"]
rung = 2
summary = "The scan of {relation} kept {kept_pct} of {examined_rows} rows, the estimate was right ({estimate_x} of the rows met), and {index} would serve the filter; still all rows were read. With random_page_cost = {random_page_cost} a random read is priced {random_page_cost} times a sequential one; on flash they cost about the same. {storage_note}"
cause = "Default cost settings on flash storage."
checks = [
  "{storage_check}",
  "Is the estimate of this scan right? It is here.",
  "Is the table's tablespace given costs of its own?",
]
fix = """
1. In one session: SET random_page_cost = 1.1; and take the plan again.
2. If it is faster: ALTER SYSTEM SET random_page_cost = 1.1; SELECT pg_reload_conf();
3. {cache_remedy}"""
proof = "The statement takes an index and gets faster, and no other frequent statement gets slower."
risk = "Other plans change too. Go back when the 95th percentile of all statements rises."
refuse = "enable_seqscan = off; ANALYZE: the estimate is right already."
quiet = "Spinning disks, a kept share above 15 %, wrong estimates, settings changed already, no index that would serve."
related = ["plan-seq-scan-selective", "plan-row-misestimate"]

[thresholds]
default = { value = 4, unit = "cost units", source = "the default of PostgreSQL" }
keep_w = { value = 0.15, unit = "share", source = "above it a scan may be right" }
close_x = { value = 10, unit = "factor", source = "an estimate within this factor is right" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH latest AS (
  SELECT s.name, s.setting, s.unit, max(s.ts_ns) AS ts_ns FROM setting AS s
  WHERE s.name IN ('random_page_cost', 'effective_cache_size') GROUP BY s.name
), storage AS (
  SELECT max(lower(c.value)) AS kind FROM config AS c WHERE lower(c.key) IN ('storage', 'storage_type', 'disk',
    'disk_type')
), plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(CASE WHEN json_valid(p.settings) THEN json_extract(p.settings,
    '$.random_page_cost') END,
    (SELECT l.setting FROM latest AS l WHERE l.name = 'random_page_cost')) AS random_page_cost,
      coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN n.wall_ms >= :time_w AND coalesce(s.kind, '') <> '' THEN 'warning' ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  n.self_ms AS gain_ms, CASE WHEN s.kind IS NULL THEN 0.5 ELSE 0.0 END AS doubt,
  n.plan_id, n.relation, c.existing AS "index", CAST(p.random_page_cost AS REAL) AS random_page_cost,
  n.actual_rows + n.rows_removed_by_filter AS examined_rows,
    100.0 * n.actual_rows / (n.actual_rows + n.rows_removed_by_filter) AS kept_pct,
  1.0 * n.plan_rows * n.loops / max(n.actual_rows, 1) AS estimate_x, s.kind AS storage,
  CASE WHEN s.kind IS NULL THEN 'Whether this server has flash storage is not known here.'
    ELSE 'The storage is stated as ' || s.kind || '.' END
    AS storage_note,
  CASE WHEN s.kind IS NULL THEN 'Is the storage flash (SSD, NVMe)?' ELSE 'Storage: ' || s.kind
    || '.' END AS storage_check,
  coalesce('effective_cache_size (now ' || (SELECT l.setting || coalesce(' × ' || l.unit, '') FROM latest AS l
      WHERE l.name = 'effective_cache_size') || ') to about three quarters of the memory.',
    'effective_cache_size to about three quarters of the memory.') AS cache_remedy,
  n.self_ms, p.execution_ms
FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id CROSS
  JOIN index_candidate AS c ON c.plan_node_id = n.id AND c.rank = 1
CROSS JOIN storage AS s
WHERE n.node_type = 'Seq Scan' AND n.loops > 0 AND c.ddl IS NULL AND c.existing IS NOT NULL AND n.wall_ms >= :time_i
  AND CAST(p.random_page_cost AS REAL) >= :default
  AND n.actual_rows <= :keep_w * (n.actual_rows + n.rows_removed_by_filter)
  AND n.plan_rows * n.loops <= :close_x * max(n.actual_rows, 1)
    AND n.actual_rows <= :close_x * max(n.plan_rows * n.loops, 1)
  AND coalesce(s.kind, 'ssd') NOT LIKE '%hdd%' AND coalesce(s.kind, 'ssd') NOT LIKE '%spinning%'
ORDER BY n.self_ms DESC, n.id
