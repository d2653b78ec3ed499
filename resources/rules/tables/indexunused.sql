-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "index-unused"
version = 1
title = "Index is never read"
headline = "{index_name} ({index_bytes}) was never read {watched}"
severity = "info"
needs = ["tabstat", "catalog"]
rung = 4
summary = "{index_name} on {relation} takes {index_bytes} and no scan used it {watched}, on {servers} of the servers that were looked at. Each write maintains it for nobody."
cause = "It was superseded, or the query it was built for is gone."
checks = [
  "When were the statistics reset?",
  "Were the standbys looked at? Their scans are counted there.",
  "Jobs at the end of a month or a year.",
  "Does it serve a foreign key?",
]
fix = """
1. Keep its definition: {definition}
2. DROP INDEX CONCURRENTLY {index_name};"""
proof = "P95 of writes and WAL fall, and no new sequential scans appear."
risk = "A rare query loses it: build it again from its definition."
refuse = "Dropping by one week of statistics."
quiet = "Indexes of constraints, unique ones, those below 10 MB."
related = ["fk-unindexed", "table-over-indexed"]

[thresholds]
d = { value = 30, unit = "days", source = "set here: watched so long it is a warning" }
s = { value = 10485760, unit = "bytes", source = "set here" }
*/
WITH per_server AS (
  SELECT i.server_id, i.dbname, i.schemaname, i.relname, i.indexrelname, min(i.ts_ns) AS first_ns, max(i.ts_ns) AS last_ns,
    max(i.idx_scan) AS scans, max(i.idx_scan) - min(i.idx_scan) AS more_scans, max(i.index_bytes) AS index_bytes
  FROM index_sample AS i WHERE i.idx_scan IS NOT NULL GROUP BY 1, 2, 3, 4, 5
), watched AS (
  SELECT p.dbname, p.schemaname, p.relname, p.indexrelname, min(p.first_ns) AS first_ns, max(p.last_ns) AS last_ns, count(*) AS servers,
    max(p.scans) AS scans, max(p.more_scans) AS more_scans, min(p.last_ns - p.first_ns) / 86400e9 AS days, max(p.index_bytes) AS index_bytes
  FROM per_server AS p GROUP BY 1, 2, 3, 4
), known AS (
  SELECT x.dbname, x.schemaname, x.indexrelname, max(x.indisunique) AS indisunique, max(x.indisprimary) AS indisprimary,
    max(x.constraint_name) AS constraint_name, max(x.index_bytes) AS index_bytes, max(x.indexdef) AS indexdef
  FROM db_index AS x GROUP BY 1, 2, 3
)
SELECT CASE WHEN w.days >= :d AND w.more_scans = 0 THEN 'warning' ELSE 'info' END AS severity, 'index' AS subject_kind,
  coalesce(w.schemaname || '.', '') || w.indexrelname AS subject_id, w.first_ns AS start_ns, w.last_ns AS end_ns, NULL AS gain_ms,
  coalesce(w.schemaname || '.', '') || w.indexrelname AS index_name, coalesce(w.schemaname || '.', '') || w.relname AS relation,
  coalesce(w.index_bytes, k.index_bytes) AS index_bytes, w.servers,
  CASE WHEN w.days >= :d THEN 'in ' || CAST(w.days AS INTEGER) || ' days' ELSE 'since the statistics were reset' END AS watched,
  k.indexdef AS definition
FROM watched AS w JOIN known AS k ON k.indexrelname = w.indexrelname AND k.schemaname IS w.schemaname AND k.dbname IS w.dbname
WHERE (w.days >= :d AND w.more_scans = 0 OR w.scans = 0) AND coalesce(w.index_bytes, k.index_bytes) >= :s
  AND k.indisunique = 0 AND coalesce(k.indisprimary, 0) = 0 AND k.constraint_name IS NULL
ORDER BY index_bytes DESC, subject_id
