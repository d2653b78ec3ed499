-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "table-stats-stale"
version = 1
title = "Statistics are older than the data"
headline = "{modified_rows} rows of {relation} changed since its statistics were taken"
severity = "warning"
needs = ["tabstat"]
uses = ["settings"]
rung = 3
summary = "{modified_rows} rows of {relation} changed since its statistics were taken; the server refreshes them after {trigger_rows}. The planner works with an old picture."
cause = "Automatic analysis is switched off, cancelled or starved for this table, or its threshold is too large."
checks = [
  "Is autovacuum enabled for the table?",
  "Does the log show cancelled automatic analyses?",
  "Is it a partitioned parent? Those are never analysed automatically.",
]
fix = """
1. ANALYZE {relation};
2. ALTER TABLE {relation} SET (autovacuum_analyze_scale_factor = 0.01); for large tables.
3. ANALYZE at the end of each load."""
proof = "Few rows changed since the last analysis; plan-row-misestimate is silent."
risk = "A short read load."
refuse = "ANALYZE on a timer for everything."
quiet = "Fewer changed rows than the server's own trigger."
related = ["plan-row-misestimate"]

[thresholds]
k = { value = 1, unit = "factor", source = "the server's own trigger" }
never_w = { value = 10000, unit = "rows", source = "set here" }
*/
WITH latest AS (
  -- By name: saved result sets may lack the oid. Rows of other views about the table say nothing of it.
  SELECT t.*, row_number() OVER (PARTITION BY t.server_id, t.dbname, t.schemaname, t.relname ORDER BY t.ts_ns DESC) AS place
  FROM table_sample AS t WHERE t.n_mod_since_analyze IS NOT NULL
), judged AS (
  SELECT l.*,
    coalesce((SELECT CAST(s.setting AS REAL) FROM setting AS s WHERE s.server_id IS l.server_id
        AND s.name = 'autovacuum_analyze_threshold' ORDER BY s.ts_ns DESC LIMIT 1), 50)
      + coalesce((SELECT CAST(s.setting AS REAL) FROM setting AS s WHERE s.server_id IS l.server_id
        AND s.name = 'autovacuum_analyze_scale_factor' ORDER BY s.ts_ns DESC LIMIT 1), 0.1) * l.n_live_tup AS trigger_rows
  FROM latest AS l WHERE l.place = 1
)
SELECT 'warning' AS severity, 'table' AS subject_kind, coalesce(j.schemaname || '.', '') || j.relname AS subject_id,
  j.ts_ns AS start_ns, j.ts_ns AS end_ns, NULL AS gain_ms,
  j.server_id, coalesce(j.schemaname || '.', '') || j.relname AS relation, j.n_mod_since_analyze AS modified_rows,
  j.trigger_rows, j.n_live_tup AS live_rows,
  max(coalesce(j.last_analyze_ns, 0), coalesce(j.last_autoanalyze_ns, 0)) AS analyzed_at
FROM judged AS j
WHERE j.n_mod_since_analyze >= :k * j.trigger_rows
    AND j.n_mod_since_analyze > 0
  OR j.last_analyze_ns IS NULL AND j.last_autoanalyze_ns IS NULL AND j.n_live_tup >= :never_w
ORDER BY 1.0 * j.n_mod_since_analyze / j.trigger_rows DESC, subject_id
