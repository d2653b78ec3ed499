-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "index-invalid"
version = 1
title = "Invalid index left by a failed build"
headline = "{index_name} is invalid: it costs writes and is never used"
severity = "warning"
needs = ["catalog"]
uses = ["bgw"]
rung = 2
summary = "{index_name} on {relation} ({index_bytes}) is marked invalid: its build failed or was cancelled. Every write maintains it, no query may use it."
cause = "CREATE INDEX CONCURRENTLY failed or was cancelled."
checks = [
  "Is the build still running? pg_stat_progress_create_index tells.",
  "Does the log name a duplicate value?",
]
fix = """
1. DROP INDEX CONCURRENTLY {index_name}; and build it again, or
2. REINDEX INDEX CONCURRENTLY {index_name}; (12 and later)"""
proof = "No index is invalid."
risk = "None beyond the build itself."
refuse = "Leaving it: it is paid for with every write."
quiet = "A build on the table that is running; a partitioned table's index that waits for its partitions."
related = ["index-unused", "mig-index-blocking"]
*/
SELECT 'warning' AS severity, 'index' AS subject_kind, coalesce(x.schemaname || '.', '') || x.indexrelname AS subject_id,
  NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  x.server_id, coalesce(x.schemaname || '.', '') || x.indexrelname AS index_name,
  coalesce(x.schemaname || '.', '') || x.relname AS relation, max(x.index_bytes) AS index_bytes
FROM db_index AS x
WHERE NOT EXISTS (SELECT 1 FROM progress_sample AS p WHERE p.command = 'create_index' AND p.server_id IS x.server_id
    AND p.relname IN (x.relname, x.schemaname || '.' || x.relname))
  AND NOT EXISTS (SELECT 1 FROM db_table AS t WHERE t.server_id IS x.server_id AND t.relname = x.relname
    AND t.schemaname IS x.schemaname AND t.relkind = 'p')
-- Later snapshots add rows: one that is valid now says that the build came to its end.
GROUP BY x.server_id, x.dbname, x.schemaname, x.relname, x.indexrelname HAVING max(x.indisvalid) = 0
ORDER BY index_bytes DESC, subject_id
