-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pgbouncer-mode-incompatible"
version = 1
title = "The mode of the pooler breaks features in use"
headline = "{mode} mode and {features}"
severity = "warning"
needs = ["config"]
uses = ["log", "stmts", "sql", "pool"]
rung = 2
summary = "The pooler gives out connections by {mode}, and these need the session: {features}. {example} {prepared}"
cause = "The state of a session is lost when the next transaction gets another connection of the server."
checks = [
  "Version and settings of the pooler.",
  "Which client uses the feature?",
  "The statement cache of the driver.",
]
fix = """
1. SET LOCAL inside the transaction, locks of the transaction (pg_advisory_xact_lock).
2. Version 1.21 or later with max_prepared_statements > 0 cures prepared statements of the protocol, and only those.
3. A second pool in session mode for those clients."""
proof = "Errors such as 'prepared statement does not exist' are gone."
risk = "Pools in session mode multiplex less; undo when the wait grows."
refuse = "Statement mode."
quiet = "Session mode; features inside one transaction."
related = ["pool-fleet-overcommit", "pool-saturation"]

[thresholds]
v = { value = 1.21, unit = "version", source = "PgBouncer's release notes" }
*/
WITH pooler AS (
  SELECT max(m.mode) AS mode FROM (
    SELECT c.value AS mode FROM config AS c WHERE c.key IN ('mode', 'pool_mode') AND c.value IN ('transaction', 'statement')
    UNION ALL SELECT p.mode FROM pool_sample AS p WHERE p.mode IN ('transaction', 'statement')) AS m
), settings AS (
  SELECT (SELECT max(CAST(c.value AS INTEGER)) FROM config AS c WHERE c.key = 'max_prepared_statements') AS prepared,
    (SELECT s.server_version FROM server AS s WHERE s.kind = 'pgbouncer' AND s.server_version IS NOT NULL LIMIT 1) AS version
), cured AS (
  SELECT coalesce(s.prepared, 0) > 0 AND (s.version IS NULL OR CAST(substr(s.version, 1, instr(s.version, '.') - 1) AS INTEGER) > 1
    OR CAST(substr(s.version, instr(s.version, '.') + 1) AS INTEGER) >= round((:v - 1) * 100)) AS yes, s.prepared, s.version FROM settings AS s
), seen AS (
  SELECT CASE
      WHEN upper(ltrim(t.text)) GLOB 'SET [A-Z]*' AND upper(ltrim(t.text)) NOT GLOB 'SET LOCAL*' AND upper(ltrim(t.text)) NOT GLOB 'SET TRANSACTION*'
        AND upper(ltrim(t.text)) NOT GLOB 'SET CONSTRAINTS*' THEN 'SET'
      WHEN upper(ltrim(t.text)) GLOB 'LISTEN *' THEN 'LISTEN'
      WHEN lower(t.text) GLOB '*pg_advisory_lock*(*' OR lower(t.text) GLOB '*pg_try_advisory_lock*(*' THEN 'advisory locks of the session'
      WHEN upper(ltrim(t.text)) GLOB 'CREATE TEMP*' THEN 'temporary tables'
      WHEN upper(t.text) GLOB '* WITH HOLD*' THEN 'cursors WITH HOLD'
      WHEN upper(ltrim(t.text)) GLOB 'PREPARE *' AND upper(ltrim(t.text)) NOT GLOB 'PREPARE TRANSACTION*' THEN 'PREPARE' END AS feature, t.text AS example
  FROM statement AS t
  UNION ALL
  SELECT 'prepared statements of the protocol', e.message FROM log_entry AS e, cured AS c
  WHERE e.message LIKE '%prepared statement%' AND (e.message LIKE '%does not exist%' OR e.message LIKE '%already exists%') AND NOT c.yes
  UNION ALL
  SELECT 'transactions of several statements', t.text FROM statement AS t, pooler AS p
  WHERE p.mode = 'statement' AND (upper(ltrim(t.text)) GLOB 'BEGIN*' OR upper(ltrim(t.text)) GLOB 'START TRANSACTION*')
), grouped AS (
  SELECT s.feature, count(*) AS n, min(substr(s.example, 1, 160)) AS example FROM seen AS s WHERE s.feature IS NOT NULL GROUP BY s.feature
)
SELECT CASE WHEN p.mode = 'statement' AND sum(g.feature = 'transactions of several statements') > 0 THEN 'critical' ELSE 'warning' END AS severity,
  'config' AS subject_kind, NULL AS subject_id, NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  p.mode, group_concat(g.feature, ', ') AS features, 'For example: ' || min(g.example) || '.' AS example,
  CASE WHEN c.yes THEN 'Prepared statements of the protocol are kept by the pooler.'
    WHEN c.prepared IS NULL THEN 'Whether it keeps prepared statements is unknown: see version and max_prepared_statements.'
    ELSE 'It does not keep prepared statements of the protocol.' END AS prepared,
  count(*) AS kinds, c.version
FROM pooler AS p JOIN grouped AS g JOIN cured AS c
WHERE p.mode IS NOT NULL GROUP BY p.mode HAVING count(*) > 0
