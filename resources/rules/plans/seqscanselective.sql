-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-seq-scan-selective"
version = 1
title = "Sequential scan that throws almost everything away"
headline = "{what}"
severity = "critical"
needs = ["plan+"]
uses = ["catalog"]
rung = 4
caused_by = ["plan-no-pruning", "plan-function-on-column", "plan-like-wildcard", "plan-gin-candidate"]
summary = """
The scan of {relation} read {examined_rows} rows to return {kept_rows} ({kept_pct}) and took {self_ms} by itself, \
{share_pct} of the execution{alike_note}. {estimate_note} {remedy}"""
cause = "No index serves the filter."
checks = [
  "Does an index on these columns exist already? Then ask why it was not chosen: its first column is not in the filter, a function or cast stands round a column, or the cost settings favour scans.",
  "How often does the statement run? A report once a day may not deserve an index.",
  "How many indexes does the table have? Each one is written by every insert.",
]
fix = """
1. {remedy}
2. {partial}
3. Build it with CONCURRENTLY outside a transaction block and look at pg_index.indisvalid afterwards."""
proof = "The plan shows an Index Scan or Bitmap Heap Scan, rows removed near 0, and blocks and time fall."
risk = "One more index to write per insert and per update of its columns, more disk, writes some 5-10 % slower. Drop it again when the 95th percentile of writes on the table rises by more than 10 %."
refuse = "A larger server, a cache in front, or enable_seqscan = off: each hides the missing index and costs more."
quiet = "Fewer examined rows than the threshold, a kept share above it, scans that take less than 10 ms; at most information when the scan took less than 100 ms or a LIMIT ended it early."
related = ["plan-seq-scan-right", "plan-row-misestimate", "plan-function-on-column"]

[thresholds]
rows_w = { value = 10000, unit = "rows", source = "common guideline for tables that are not small" }
rows_c = { value = 1000000, unit = "rows", source = "common guideline for critical scans" }
keep_w = { value = 0.05, unit = "share", source = "below it an index wins on any storage" }
time_i = { value = 10, unit = "ms", source = "set here: faster scans are not worth an index" }
time_w = { value = 100, unit = "ms", source = "common guideline for slow statements" }
share_c = { value = 0.5, unit = "share", source = "set here" }
close_x = { value = 10, unit = "factor", source = "an estimate within this factor is right" }
*/
WITH scan AS (
  SELECT n.*, p.captured_at_ns,
    coalesce(p.execution_ms, (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0))
      AS execution_ms,
    n.actual_rows + n.rows_removed_by_filter AS examined_rows
  FROM plan AS p JOIN plan_node AS n ON n.plan_id = p.id
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND n.node_type = 'Seq Scan' AND n.loops > 0
    AND n.rows_removed_by_filter IS NOT NULL
    AND n.actual_rows + n.rows_removed_by_filter >= :rows_w
    AND n.actual_rows <= :keep_w * (n.actual_rows + n.rows_removed_by_filter)
    AND n.wall_ms >= :time_i
), told AS (
  -- Partitions of one table (t_1, t_2, ... below one Append) are told once, by the one that takes longest.
  SELECT s.*, count(*) OVER family AS alike, sum(s.self_ms) OVER family AS family_ms,
    row_number() OVER (family ORDER BY s.self_ms DESC, s.node) AS place
  FROM scan AS s
  WINDOW family AS (PARTITION BY s.plan_id, CASE WHEN rtrim(s.alias, '0123456789') LIKE '%\_' ESCAPE '\'
      AND EXISTS (SELECT 1 FROM plan_node AS a WHERE a.plan_id = s.plan_id AND a.node = s.parent
        AND a.node_type IN ('Append', 'Merge Append')) THEN s.parent || rtrim(s.alias, '0123456789') ELSE s.id END)
), advice AS (
  SELECT s.*, c.columns, c.ddl, c.reason, c.existing, coalesce(s.schema || '.', '') || s.relation AS table_name,
    1.0 * s.plan_rows * s.loops / max(s.actual_rows, 1) AS estimate_x,
    -- Findings hold no constants of the statement.
    (SELECT CASE WHEN instr(o.predicate, ' = ') > 0
        THEN replace(o.ddl, o.predicate, substr(o.predicate, 1, instr(o.predicate, ' = ') + 2) || '<the constant>')
          ELSE o.ddl END
      FROM index_candidate AS o WHERE o.plan_node_id = s.id AND o.rank > 1
        AND o.predicate IS NOT NULL) AS partial_ddl,
    c.table_indexes,
    EXISTS (SELECT 1 FROM plan_node AS l WHERE l.plan_id = s.plan_id AND l.node = s.parent AND l.node_type = 'Limit'
      AND l.actual_rows = s.actual_rows AND l.plan_rows * l.loops <= l.actual_rows) AS ended_early
  FROM told AS s LEFT JOIN index_candidate AS c ON c.plan_node_id = s.id AND c.rank = 1
  WHERE s.place = 1
)
SELECT
  CASE WHEN a.wall_ms < :time_w OR a.ended_early THEN 'info'
    WHEN a.examined_rows >= :rows_c AND a.family_ms >= :share_c * a.execution_ms THEN 'critical'
    ELSE 'warning' END AS severity,
  -- Many partitions: it is about the node that appends them.
  'plan_node' AS subject_kind, CASE WHEN a.alike > 1 THEN (SELECT u.id FROM plan_node AS u WHERE u.plan_id = a.plan_id
    AND u.node = a.parent) ELSE a.id END AS subject_id, a.captured_at_ns AS start_ns, a.captured_at_ns AS end_ns,
  a.family_ms AS gain_ms,
  a.plan_id, a.relation, a.columns,
  CASE WHEN a.ddl IS NOT NULL THEN 'Missing index on ' || a.relation || ' (' || a.columns || ')'
    WHEN a.existing IS NOT NULL THEN a.existing || ' would serve the scan of ' || a.relation || ' but is not used'
    ELSE 'The scan of ' || a.relation || ' throws almost everything away' END AS what,
  a.ddl,
  CASE WHEN a.ddl IS NOT NULL THEN 'Try ' || a.ddl || coalesce(' ' || a.reason, '')
    ELSE coalesce(a.reason,
      'No comparison of this filter can enter a plain index; see its other findings.') END AS remedy,
  CASE WHEN a.alike > 1 THEN ', and so did ' || (a.alike - 1) || ' more partitions' ELSE '' END AS alike_note,
    a.alike,
  a.existing, a.partial_ddl,
  coalesce('When the filter always holds this constant, a partial index is smaller: ' || a.partial_ddl,
    'When the filter always holds the same constant, a partial index (... WHERE column = constant) is smaller.') AS partial,
  a.examined_rows, a.actual_rows AS kept_rows, 100.0 * a.actual_rows / a.examined_rows AS kept_pct,
  a.self_ms, a.doubt_ms, a.execution_ms, min(100.0, 100.0 * a.self_ms / a.execution_ms) AS share_pct,
  a.estimate_x,
  CASE WHEN a.estimate_x <= :close_x AND a.estimate_x >= 1.0 / :close_x
    THEN 'The planner expected about as many rows: the statistics are not the problem.' ELSE '' END AS estimate_note,
  CASE WHEN coalesce(a.shared_hit, a.shared_read) IS NOT NULL
    THEN (coalesce(a.shared_hit, 0) + coalesce(a.shared_read, 0)) * 8192 END AS touched_bytes,
  a.table_indexes AS indexes
FROM advice AS a
ORDER BY a.self_ms DESC, a.id
