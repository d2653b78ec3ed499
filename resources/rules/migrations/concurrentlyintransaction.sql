-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "mig-concurrently-in-transaction"
version = 1
title = "CONCURRENTLY inside a transaction"
headline = "{place}: CONCURRENTLY cannot run inside a transaction"
severity = "critical"
needs = ["ddl"]
rung = 2
summary = "{place} uses CONCURRENTLY ({kind}) {where_text}. The server refuses it; tried again and again it may leave invalid indexes behind."
cause = "CONCURRENTLY needs transactions of its own."
checks = ["Which option of the tool leaves the transaction out?"]
fix = """
1. A migration of its own without a transaction: transaction:false (dbmate), NO TRANSACTION (goose), runInTransaction:false (Liquibase), disable_ddl_transaction! (Rails).
2. Look at indisvalid afterwards."""
proof = "The index is valid."
risk = "None: nothing else runs in that migration."
refuse = "Leaving CONCURRENTLY out to please the tool."
quiet = "Autocommit; Flyway, which leaves the transaction out by itself; golang-migrate with one statement in the file."
related = ["index-invalid", "mig-index-blocking"]
*/
WITH sizes AS (SELECT c.source_id, max(c.position) AS n FROM ddl_statement AS c GROUP BY c.source_id)
SELECT 'critical' AS severity, 'migration' AS subject_kind, d.file || ':' || d.line AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms, d.source_id, d.file, d.line, d.file || ':' || d.line AS place, d.kind, d.object AS relation,
  CASE WHEN json_extract(d.extra, '$.tool') IS NULL THEN 'between BEGIN and COMMIT'
    ELSE 'in a transaction, which ' || json_extract(d.extra, '$.tool') || ' puts around it' END AS where_text
FROM ddl_statement AS d JOIN sizes AS s ON s.source_id = d.source_id
WHERE json_extract(d.extra, '$.concurrently') = 1 AND json_extract(d.extra, '$.in_transaction') = 1
  -- Refreshing a materialized view is the one that may.
  AND d.kind <> 'refresh_materialized_view' AND coalesce(json_extract(d.extra, '$.tool'), '') <> 'flyway'
  AND NOT (coalesce(json_extract(d.extra, '$.tool'), '') = 'golang-migrate' AND s.n = 1)
ORDER BY d.source_id, d.position LIMIT 100
