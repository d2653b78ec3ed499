-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "lint-db-timeouts-unset"
version = 1
title = "Database limits are not set"
headline = "No limit: {unset}"
severity = "warning"
needs = ["settings"]
rung = 1
summary = "{unset} are 0 for the role that read the settings: one forgotten transaction or slow statement can hold its locks and its connection without end. Roles and databases may have values of their own."
cause = "The defaults have no limit."
checks = [
  "The longest statement that is legitimate, for each role.",
  "Migrations, dumps and reports use other roles?",
  "ALTER ROLE and ALTER DATABASE ... SET: pg_db_role_setting.",
]
fix = "1. ALTER ROLE <application> SET statement_timeout = '5s'; ALTER ROLE <application> SET lock_timeout = '5s'; ALTER ROLE <application> SET idle_in_transaction_session_timeout = '30s'; reports may have 30 s."
proof = "No session is older than the limits."
risk = "Statements are cancelled: restore the old value when more than 0.1 % of the calls are."
refuse = "One statement_timeout for all roles."
quiet = "Values other than 0; settings that were not exported."
related = ["mig-no-lock-timeout", "table-dead-tuples"]
*/
WITH latest AS (
  SELECT s.server_id, s.name, s.setting, s.ts_ns, row_number() OVER (PARTITION BY s.server_id, s.name ORDER BY s.ts_ns DESC) AS place
  FROM setting AS s WHERE s.name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')
), unset AS (
  SELECT l.server_id, max(l.ts_ns) AS ts_ns, group_concat(l.name, ', ') AS names, count(*) AS n
  FROM (SELECT * FROM latest ORDER BY name) AS l WHERE l.place = 1 AND l.setting IN ('0', '0ms', '0s') GROUP BY l.server_id
)
SELECT 'warning' AS severity, 'server' AS subject_kind, coalesce((SELECT coalesce(v.host || ':' || v.port, v.name, v.dbname)
    FROM server AS v WHERE v.id = u.server_id), 'server') AS subject_id, u.ts_ns AS start_ns, u.ts_ns AS end_ns, NULL AS gain_ms,
  u.server_id, u.names AS unset, u.n AS settings
FROM unset AS u
ORDER BY u.server_id
