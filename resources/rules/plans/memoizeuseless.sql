-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-memoize-useless"
version = 1
title = "Cache of a nested loop does not help"
headline = "Memoize: {what}"
severity = "warning"
needs = ["plan+"]
rung = 2
summary = "The cache of the nested loop was asked {lookups} times and had the answer {hits} times ({hit_pct}); {evictions} entries were thrown out and {overflows} did not fit. It took {wall_ms}, {share_pct} of the execution."
cause = "Nearly every key is new, or the cache is too small for the keys."
checks = [
  "How many different keys has the outer side? The planner takes that from n_distinct.",
  "Is the outer side ordered by the key, so that equal keys come together?",
]
fix = """
1. {remedy}
2. ANALYZE the outer table, or set n_distinct of the key when the sample misjudges it."""
proof = "Hits are the larger part, evictions and overflows 0."
risk = "More memory for each such node and session."
refuse = "enable_memoize = off for the server: test it in one session."
quiet = "More than a tenth hits without evictions, less than a twentieth of the execution or 10 ms."
related = ["plan-nested-loop-large-inner", "plan-row-misestimate"]

[thresholds]
miss_w = { value = 0.9, unit = "share", source = "set here" }
share_w = { value = 0.05, unit = "share", source = "set here" }
lookups_w = { value = 100, unit = "lookups", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), cache AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Cache Hits"') END AS hits, CASE
    WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Cache Misses"') END AS misses,
    coalesce(CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Cache Evictions"') END, 0) AS evictions,
      coalesce(CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."Cache Overflows"') END, 0) AS overflows
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id
  WHERE n.node_type = 'Memoize' AND n.loops > 0 AND n.wall_ms >= :time_i
)
SELECT CASE WHEN n.wall_ms >= :time_w AND n.wall_ms >= 0.3 * p.execution_ms THEN 'warning'
  ELSE 'info' END AS severity,
  'plan_node' AS subject_kind, n.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.hits, n.hits + n.misses AS lookups, 100.0 * n.hits / (n.hits + n.misses) AS hit_pct, n.evictions,
  n.overflows, n.wall_ms, p.execution_ms, min(100.0, 100.0 * n.wall_ms / p.execution_ms) AS share_pct,
  CASE WHEN n.evictions > 0 OR n.overflows > 0 THEN 'the cache is too small'
    ELSE 'almost every key is new' END AS what,
  CASE WHEN n.evictions > 0 OR n.overflows > 0
    THEN 'For this statement: SET LOCAL hash_mem_multiplier or work_mem to more, so that the keys fit.'
    ELSE 'As a test in one session: SET enable_memoize = off; shows the join without it.' END AS remedy
FROM cache AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE n.hits + n.misses >= :lookups_w AND n.wall_ms >= :share_w * p.execution_ms
  AND (n.misses > :miss_w * (n.hits + n.misses) OR n.overflows > 0 OR (n.evictions > 0 AND n.misses > n.hits))
ORDER BY n.wall_ms DESC, n.id
