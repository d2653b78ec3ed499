-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "table-dead-tuples"
version = 1
title = "Dead rows outweigh cleanup"
headline = "{dead_rows} dead rows beside {live_rows} live ones in {relation}"
severity = "warning"
needs = ["tabstat"]
uses = ["settings", "bgw"]
rung = 3
summary = "{relation} has {dead_rows} dead rows beside {live_rows} live ones, {share_x} as many: every scan reads them and indexes point at them. Vacuum starts by itself at {trigger_rows}; it last ran {vacuumed_at}."
cause = "Updates and deletes come faster than vacuum, or something keeps vacuum from removing them."
checks = [
  "Does an old transaction, a slot or a standby hold the oldest snapshot? Then vacuum can remove nothing.",
  "When did autovacuum last run on the table, and how often?",
  "Are all its workers busy elsewhere?",
  "Do the cost limits slow it down?",
]
fix = """
1. VACUUM (ANALYZE) {relation};
2. ALTER TABLE {relation} SET (autovacuum_vacuum_scale_factor = 0.02);
3. More of its share: a larger autovacuum_vacuum_cost_limit.
4. Space comes back only by rewriting: pg_repack, or a window."""
proof = "The share of dead rows is below the limit; scans read fewer blocks."
risk = "Vacuum reads and writes the table."
refuse = "VACUUM FULL on a live table: nobody reads or writes until it is done."
quiet = "Fewer than 100,000 dead rows; a vacuum of the table that is running."
related = ["table-stats-stale", "vacuum-held-back", "vacuum-cannot-keep-up"]

[thresholds]
w = { value = 0.2, unit = "factor", source = "autovacuum's own default" }
c = { value = 0.5, unit = "factor", source = "set here" }
n = { value = 100000, unit = "rows", source = "set here" }
*/
WITH latest AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.server_id, t.dbname, t.schemaname, t.relname ORDER BY t.ts_ns DESC) AS place
  FROM table_sample AS t WHERE t.n_dead_tup IS NOT NULL
), judged AS (
  SELECT l.*, coalesce(l.schemaname || '.', '') || l.relname AS relation,
    CASE WHEN l.n_live_tup > 0 THEN 1.0 * l.n_dead_tup / l.n_live_tup ELSE 1000 END AS share,
    coalesce((SELECT CAST(s.setting AS REAL) FROM setting AS s WHERE s.server_id IS l.server_id
        AND s.name = 'autovacuum_vacuum_threshold' ORDER BY s.ts_ns DESC LIMIT 1), 50)
      + coalesce((SELECT CAST(s.setting AS REAL) FROM setting AS s WHERE s.server_id IS l.server_id
        AND s.name = 'autovacuum_vacuum_scale_factor' ORDER BY s.ts_ns DESC LIMIT 1), 0.2) * coalesce(l.n_live_tup, 0) AS trigger_rows
  FROM latest AS l WHERE l.place = 1 AND l.n_dead_tup >= :n AND l.n_live_tup IS NOT NULL
)
SELECT CASE WHEN j.share >= :c THEN 'critical' ELSE 'warning' END AS severity, 'table' AS subject_kind,
  j.relation AS subject_id, j.ts_ns AS start_ns, j.ts_ns AS end_ns, NULL AS gain_ms,
  j.server_id, j.relation, j.n_dead_tup AS dead_rows, j.n_live_tup AS live_rows,
  CASE WHEN j.n_live_tup > 0 THEN 1.0 * j.n_dead_tup / j.n_live_tup END AS share_x, j.trigger_rows,
  coalesce(strftime('%Y-%m-%d %H:%M', max(coalesce(j.last_vacuum_ns, j.last_autovacuum_ns),
    coalesce(j.last_autovacuum_ns, j.last_vacuum_ns)) / 1000000000, 'unixepoch') || ' UTC', 'never, as far as is known') AS vacuumed_at
FROM judged AS j
WHERE j.share >= :w AND NOT EXISTS (SELECT 1 FROM progress_sample AS p WHERE p.command = 'vacuum' AND p.server_id IS j.server_id
  AND p.relname IN (j.relname, j.relation) AND p.ts_ns IS j.ts_ns)
ORDER BY j.n_dead_tup DESC, subject_id
