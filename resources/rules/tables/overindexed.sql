-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "table-over-indexed"
version = 1
title = "Many indexes on a table that is mostly written"
headline = "{relation} has {indexes} indexes, {writes} rows written and {reads} scans"
severity = "info"
needs = ["catalog", "tabstat"]
rung = 4
summary = "{relation} has {indexes} indexes; since the statistics were reset {writes} rows were written and {reads} scans read it. Each inserted row is written {structures} times, and an update of an indexed column writes all of them."
cause = "An index for each wish."
checks = [
  "Which of them are never read? See index-unused.",
  "Which begin with the same columns as another?",
  "Do updates change indexed columns? Then they cannot stay on their page (HOT).",
]
fix = """
1. Drop what is unused or redundant: DROP INDEX CONCURRENTLY.
2. Merge indexes that begin alike into one."""
proof = "P95 of writes falls; more updates are HOT."
risk = "A read may become slower."
refuse = "An index for everything."
quiet = "Tables that are mostly read, or written less than 10,000 times."
related = ["index-unused", "fk-unindexed"]

[thresholds]
n = { value = 8, unit = "indexes", source = "common guideline" }
r = { value = 600, unit = "factor", source = "common guideline: rows written for each scan" }
least = { value = 10000, unit = "rows", source = "set here" }
*/
WITH latest AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.server_id, t.dbname, t.schemaname, t.relname ORDER BY t.ts_ns DESC) AS place
  FROM table_sample AS t WHERE t.n_tup_ins IS NOT NULL AND t.seq_scan IS NOT NULL
), counted AS (
  SELECT x.server_id, x.dbname, x.schemaname, x.relname, count(DISTINCT x.indexrelname) AS indexes,
    count(DISTINCT CASE WHEN coalesce(x.indisprimary, 0) = 0 THEN x.indexrelname END) AS secondary
  FROM db_index AS x GROUP BY 1, 2, 3, 4
), judged AS (
  SELECT l.*, c.indexes, c.secondary, l.n_tup_ins + coalesce(l.n_tup_upd, 0) + coalesce(l.n_tup_del, 0) AS writes,
    l.seq_scan + coalesce(l.idx_scan, 0) AS reads
  FROM latest AS l JOIN counted AS c ON c.server_id IS l.server_id AND c.dbname IS l.dbname AND c.schemaname IS l.schemaname
    AND c.relname = l.relname
  WHERE l.place = 1
)
SELECT CASE WHEN j.writes >= :r * max(j.reads, 1) THEN 'warning' ELSE 'info' END AS severity, 'table' AS subject_kind,
  coalesce(j.schemaname || '.', '') || j.relname AS subject_id, j.ts_ns AS start_ns, j.ts_ns AS end_ns, NULL AS gain_ms,
  j.server_id, coalesce(j.schemaname || '.', '') || j.relname AS relation, j.indexes, j.indexes + 1 AS structures, j.writes, j.reads
FROM judged AS j
WHERE j.writes >= :least AND (j.indexes >= :n AND j.writes >= j.reads OR j.writes >= :r * max(j.reads, 1) AND j.secondary >= 2)
ORDER BY j.writes DESC, subject_id
