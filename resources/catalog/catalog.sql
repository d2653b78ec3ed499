-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- What Tailscope wants to know of one database, as lines of JSON:
--
--   psql -X -At -f catalog.sql dbname > catalog.jsonl
--   tailscope import catalog.jsonl --to work.tailscope
--
-- PostgreSQL 10 to 18, psql 10 or newer; the role needs pg_monitor to see everything, less gives less. It reads only
-- (BEGIN READ ONLY), waits for no lock longer than 500 ms and stops a query after 15 s; what fails is named on standard
-- error and left out, the rest goes on. Run it again and append (>>): each run is one more snapshot.
--
-- It prints names of tables, columns, indexes and constraints with their definitions, settings, counters and who is
-- connected from where. It prints no row of a table, and by default no literals either: common values of columns and the
-- texts of running statements are left out (tailscope catalog-sql --with-values prints them), and settings that may hold
-- passwords never are.
\set with_values 0

\set QUIET on
\set ON_ERROR_STOP off
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on
\pset pager off
\encoding UTF8
BEGIN READ ONLY;
SET LOCAL statement_timeout = '15s';
SET LOCAL lock_timeout = '500ms';
SET LOCAL search_path = pg_catalog;
SET LOCAL timezone = 'UTC';
SET LOCAL intervalstyle = 'postgres';
-- The size of a relation that is locked cannot be asked for.
\set unlocked '<> ALL (ARRAY(SELECT x.relation FROM pg_locks AS x WHERE x.relation IS NOT NULL AND x.mode = ''AccessExclusiveLock''))'
SELECT current_setting('server_version_num')::int >= 120000 AS v12, current_setting('server_version_num')::int >= 130000 AS v13,
  current_setting('server_version_num')::int >= 140000 AS v14, current_setting('server_version_num')::int >= 160000 AS v16,
  current_setting('server_version_num')::int >= 170000 AS v17,
  has_function_privilege('pg_control_system()', 'EXECUTE')
    AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE') AS may_control \gset

-- Whose rows come now, and when they were taken.
\if :may_control
SELECT json_build_object('catalog_view', 'server', 'ts', now(), 'server_version', current_setting('server_version'),
  'server_version_num', current_setting('server_version_num')::int, 'dbname', current_database(),
  'host', host(inet_server_addr()), 'port', current_setting('port')::int, 'in_recovery', pg_is_in_recovery(),
  'postmaster_start_time', pg_postmaster_start_time(), 'system_identifier', s.system_identifier::text,
  'timeline', c.timeline_id)
FROM pg_control_system() AS s, pg_control_checkpoint() AS c;
\else
SELECT json_build_object('catalog_view', 'server', 'ts', now(), 'server_version', current_setting('server_version'),
  'server_version_num', current_setting('server_version_num')::int, 'dbname', current_database(),
  'host', host(inet_server_addr()), 'port', current_setting('port')::int, 'in_recovery', pg_is_in_recovery(),
  'postmaster_start_time', pg_postmaster_start_time());
\endif

-- Settings of extensions only of those that are known: applications keep keys in settings of their own.
-- What this script has set for itself is shown as it was before.
SELECT to_jsonb(s) - 'short_desc' - 'extra_desc' - 'enumvals' - 'sourcefile' - 'sourceline'
  || CASE WHEN s.source = 'session' THEN jsonb_build_object('setting', s.reset_val, 'source', NULL) ELSE '{}' END
  || jsonb_build_object('catalog_view', 'pg_settings')
FROM pg_settings AS s
WHERE s.name NOT IN ('primary_conninfo', 'ssl_passphrase_command', 'archive_command', 'restore_command',
    'archive_cleanup_command', 'recovery_end_command')
  AND (s.name NOT LIKE '%.%'
    OR split_part(s.name, '.', 1) IN ('auto_explain', 'pg_stat_statements', 'pg_wait_sampling', 'pg_stat_kcache', 'pg_qualstats'))
ORDER BY s.name;

SELECT json_build_object('catalog_view', 'pg_class', 'oid', c.oid::bigint, 'schemaname', n.nspname, 'relname', c.relname,
  'relkind', c.relkind, 'relpersistence', c.relpersistence, 'reltuples', c.reltuples, 'relpages', c.relpages,
  'relallvisible', c.relallvisible, 'relhastriggers', c.relhastriggers, 'relispartition', c.relispartition,
  'parent_oid', (SELECT min(h.inhparent::bigint) FROM pg_inherits AS h WHERE h.inhrelid = c.oid AND c.relispartition),
  'reloptions', c.reloptions, 'relfrozenxid_age', CASE WHEN c.relfrozenxid <> '0' THEN age(c.relfrozenxid) END,
  'table_bytes', CASE WHEN c.relkind IN ('r', 'm') AND c.oid :unlocked THEN pg_table_size(c.oid) END,
  'index_bytes', CASE WHEN c.relkind IN ('r', 'm') AND c.oid :unlocked THEN pg_indexes_size(c.oid) END,
  'toast_bytes', CASE WHEN c.reltoastrelid <> 0 AND c.reltoastrelid :unlocked THEN pg_total_relation_size(c.reltoastrelid) END)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname;

SELECT jsonb_build_object('catalog_view', 'pg_index', 'indexrelid', i.indexrelid::bigint, 'indrelid', i.indrelid::bigint,
  'schemaname', n.nspname, 'relname', t.relname, 'indexrelname', c.relname, 'amname', a.amname, 'indisunique', i.indisunique,
  'indisprimary', i.indisprimary, 'indisvalid', i.indisvalid, 'indisready', i.indisready, 'indkey', i.indkey::text,
  'indnkeyatts', to_jsonb(i) -> 'indnkeyatts', 'indpred', pg_get_expr(i.indpred, i.indrelid),
  'indexdef', pg_get_indexdef(i.indexrelid), 'relpages', c.relpages, 'reltuples', c.reltuples,
  'index_bytes', CASE WHEN c.relkind = 'i' AND c.oid :unlocked THEN pg_relation_size(c.oid) END,
  'constraint_name', (SELECT min(k.conname::text) FROM pg_constraint AS k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')))
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
  JOIN pg_namespace AS n ON n.oid = t.relnamespace JOIN pg_am AS a ON a.oid = c.relam
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, t.relname, c.relname;

-- pg_stats has the columns that the role may read.
SELECT jsonb_build_object('catalog_view', 'pg_attribute', 'attrelid', c.oid::bigint, 'schemaname', n.nspname, 'relname', c.relname,
  'attnum', a.attnum, 'attname', a.attname, 'format_type', format_type(a.atttypid, a.atttypmod), 'attnotnull', a.attnotnull,
  'column_default', pg_get_expr(d.adbin, d.adrelid), 'attstattarget', to_jsonb(a) -> 'attstattarget', 'null_frac', s.null_frac,
  'avg_width', s.avg_width, 'n_distinct', s.n_distinct, 'correlation', s.correlation, 'most_common_freqs', s.most_common_freqs::text,
  'most_common_vals', CASE WHEN :with_values = 1 THEN s.most_common_vals::text END)
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN LATERAL (SELECT * FROM pg_stats AS p WHERE p.schemaname = n.nspname AND p.tablename = c.relname AND p.attname = a.attname
    ORDER BY p.inherited DESC LIMIT 1) AS s ON true
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname, a.attnum;

SELECT json_build_object('catalog_view', 'pg_constraint', 'schemaname', n.nspname, 'relname', c.relname, 'conrelid', c.oid::bigint,
  'conname', k.conname, 'contype', k.contype, 'convalidated', k.convalidated, 'conkey', k.conkey,
  'confrelid', nullif(k.confrelid, 0)::bigint, 'confkey', k.confkey, 'confdeltype', nullif(k.confdeltype, ' '),
  'constraintdef', pg_get_constraintdef(k.oid))
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname, k.conname;

-- Of partitioned tables there is no pg_statio row.
SELECT to_jsonb(s) || coalesce(to_jsonb(o), '{}')
  || jsonb_build_object('catalog_view', 'pg_stat_user_tables', 'relid', s.relid::bigint, 'table_bytes', CASE WHEN s.relid :unlocked THEN pg_table_size(s.relid) END)
FROM pg_stat_user_tables AS s LEFT JOIN pg_statio_user_tables AS o ON o.relid = s.relid
WHERE s.schemaname !~ '^pg_temp'
ORDER BY s.schemaname, s.relname;

SELECT to_jsonb(s) || coalesce(to_jsonb(o), '{}') || jsonb_build_object('catalog_view', 'pg_stat_user_indexes', 'relid', s.relid::bigint,
  'indexrelid', s.indexrelid::bigint, 'index_bytes', CASE WHEN s.indexrelid :unlocked THEN pg_relation_size(s.indexrelid) END)
FROM pg_stat_user_indexes AS s LEFT JOIN pg_statio_user_indexes AS o ON o.indexrelid = s.indexrelid
WHERE s.schemaname !~ '^pg_temp'
ORDER BY s.schemaname, s.relname, s.indexrelname;

SELECT (CASE WHEN :with_values = 1 THEN to_jsonb(a) ELSE to_jsonb(a) - 'query' END) - 'backend_xid' - 'backend_xmin'
  || jsonb_build_object('catalog_view', 'pg_stat_activity', 'backend_xmin_age', age(a.backend_xmin))
FROM pg_stat_activity AS a
WHERE a.pid <> pg_backend_pid()
ORDER BY a.pid;

-- Only of who waits: the function takes the locks of the lock manager itself.
SELECT jsonb_build_object('catalog_view', 'pg_locks', 'pid', l.pid, 'pg_blocking_pids', pg_blocking_pids(l.pid),
  'locktype', l.locktype, 'mode', l.mode, 'granted', l.granted, 'waitstart', to_jsonb(l) -> 'waitstart',
  'relation', CASE WHEN l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
    THEN l.relation::regclass::text END)
FROM pg_locks AS l
WHERE NOT l.granted
ORDER BY l.pid;

SELECT to_jsonb(r) - 'backend_xmin' || jsonb_build_object('catalog_view', 'pg_stat_replication',
  'current_lsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END)
FROM pg_stat_replication AS r
ORDER BY r.application_name, r.pid;

SELECT to_jsonb(r) - 'xmin' - 'catalog_xmin' || jsonb_build_object('catalog_view', 'pg_replication_slots',
  'current_lsn', CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END)
FROM pg_replication_slots AS r
ORDER BY r.slot_name;

SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_bgwriter') FROM pg_stat_bgwriter AS s;
SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_archiver') - 'last_archived_wal' - 'last_failed_wal'
FROM pg_stat_archiver AS s;
SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_database', 'datfrozenxid_age', age(d.datfrozenxid),
  'database_bytes', CASE WHEN d.datname = current_database() THEN pg_database_size(d.oid) END)
FROM pg_stat_database AS s LEFT JOIN pg_database AS d ON d.oid = s.datid
WHERE s.datname IS NULL OR NOT d.datistemplate
ORDER BY s.datname;
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_vacuum', 'relname',
  CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END)
FROM pg_stat_progress_vacuum AS p ORDER BY p.pid;
\if :v12
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_create_index', 'relname',
  CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END)
FROM pg_stat_progress_create_index AS p ORDER BY p.pid;
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_cluster', 'relname',
  CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END)
FROM pg_stat_progress_cluster AS p ORDER BY p.pid;
\endif
\if :v13
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_analyze', 'relname',
  CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END)
FROM pg_stat_progress_analyze AS p ORDER BY p.pid;
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_basebackup') FROM pg_stat_progress_basebackup AS p ORDER BY p.pid;
\endif
\if :v14
SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_wal') FROM pg_stat_wal AS s;
SELECT to_jsonb(p) || jsonb_build_object('catalog_view', 'pg_stat_progress_copy', 'relname',
  CASE WHEN p.datname = current_database() THEN p.relid::regclass::text END)
FROM pg_stat_progress_copy AS p ORDER BY p.pid;
\endif
\if :v16
SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_io') FROM pg_stat_io AS s
WHERE s.reads > 0 OR s.writes > 0 OR s.extends > 0;
\endif
\if :v17
SELECT to_jsonb(s) || jsonb_build_object('catalog_view', 'pg_stat_checkpointer') FROM pg_stat_checkpointer AS s;
\endif
COMMIT;
