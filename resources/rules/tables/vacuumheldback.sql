-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "vacuum-held-back"
version = 1
title = "Vacuum runs and cannot remove anything"
headline = "{holder} keeps dead rows from being removed for {age_ms}"
severity = "warning"
needs = ["sessions", "tabstat"]
uses = ["repl", "catalog"]
rung = 3
summary = "Rows deleted in the last {age_ms} must stay for {holder}{xmin_text}. Vacuum ran on {tables} tables meanwhile, and their dead rows still rose from {dead_before} to {dead_after}, most on {relation}."
cause = "An old snapshot."
checks = [
  "What is it, and whose?",
  "Did the growth begin with it?",
  "Is it a standby's feedback: which query runs there?",
]
fix = """
1. End it, or move it to a replica: {end_text}
2. Drop slots nobody needs.
3. Settings of autovacuum only afterwards."""
proof = "Dead rows fall with the next vacuum."
risk = "A report that is ended must be started again."
refuse = "A more eager vacuum while the holder lives: it reads the table once more and removes nothing."
quiet = "A younger holder; dead rows that fall; tables without a vacuum meanwhile."
related = ["txn-long-running", "table-dead-tuples", "repl-lag-query-blocks-replay", "txn-prepared-orphan"]

[thresholds]
w = { value = 1800, unit = "s", source = "set here" }
c = { value = 14400, unit = "s", source = "set here" }
*/
WITH seen AS (
  -- A logical slot keeps rows of the catalogs only.
  SELECT coalesce(h.server_id, 0) AS server, h.kind, h.name, h.pid, h.since_ns, h.ts_ns, h.xmin_age, h.user, h.detail,
    lag(h.xmin_age) OVER (PARTITION BY h.server_id, h.kind, h.name, h.pid, h.since_ns ORDER BY h.ts_ns) AS before
  FROM xmin_holder AS h WHERE h.xmin_age IS NOT NULL AND coalesce(h.name, '') NOT LIKE 'tailscope%'
    AND NOT (h.kind = 'slot' AND coalesce(h.detail, '') = 'logical')
), moved AS (
  -- An age that falls is a snapshot that moved on: it holds back since then.
  SELECT s.*, sum(coalesce(s.xmin_age < s.before, 0)) OVER (PARTITION BY s.server, s.kind, s.name, s.pid, s.since_ns
    ORDER BY s.ts_ns) AS part
  FROM seen AS s
), holders AS (
  -- Of a standby since_ns is when it connected.
  SELECT m.server, m.kind, m.name, m.pid,
    CASE WHEN m.part = 0 AND m.kind <> 'standby' THEN coalesce(m.since_ns, min(m.ts_ns)) ELSE min(m.ts_ns) END AS since_ns,
    max(m.ts_ns) AS last_ns, max(m.xmin_age) AS xmin_age, m.user, m.detail
  FROM moved AS m GROUP BY m.server, m.kind, m.name, m.pid, m.since_ns, m.part
), oldest AS (
  SELECT h.*, row_number() OVER (PARTITION BY h.server ORDER BY h.xmin_age DESC, h.since_ns) AS place
  FROM holders AS h WHERE h.last_ns - h.since_ns >= :w * 1000000000
), first AS (
  SELECT o.server, t.relid, t.relname, min(t.ts_ns) AS ts_ns, t.n_dead_tup AS dead,
    coalesce(t.vacuum_count, 0) + coalesce(t.autovacuum_count, 0) AS vacuums
  FROM oldest AS o JOIN table_sample AS t ON coalesce(t.server_id, 0) = o.server AND t.ts_ns >= o.since_ns
  WHERE o.place = 1 AND t.n_dead_tup IS NOT NULL GROUP BY o.server, t.relid, t.relname
), last AS (
  SELECT o.server, t.relid, t.relname, coalesce(t.schemaname || '.', '') || t.relname AS relation, max(t.ts_ns) AS ts_ns, t.n_dead_tup AS dead,
    coalesce(t.vacuum_count, 0) + coalesce(t.autovacuum_count, 0) AS vacuums
  FROM oldest AS o JOIN table_sample AS t ON coalesce(t.server_id, 0) = o.server AND t.ts_ns >= o.since_ns
  WHERE o.place = 1 AND t.n_dead_tup IS NOT NULL GROUP BY o.server, t.relid, t.relname
), grown AS (
  SELECT l.server, l.relation, f.dead AS dead_before, l.dead AS dead_after,
    row_number() OVER (PARTITION BY l.server ORDER BY l.dead - f.dead DESC, l.relation) AS place
  FROM last AS l JOIN first AS f ON f.server = l.server AND f.relid IS l.relid AND f.relname = l.relname
  WHERE l.dead > f.dead AND l.vacuums > f.vacuums
), summed AS (
  SELECT g.server, count(*) AS tables, sum(g.dead_before) AS dead_before, sum(g.dead_after) AS dead_after,
    max(CASE g.place WHEN 1 THEN g.relation END) AS relation FROM grown AS g GROUP BY g.server
)
SELECT CASE WHEN o.last_ns - o.since_ns >= :c * 1000000000 THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  nullif(o.server, 0) AS subject_id, o.since_ns AS start_ns, o.last_ns AS end_ns, NULL AS gain_ms,
  CASE o.kind WHEN 'session' THEN 'the session ' || coalesce(nullif(o.name, '') || ' (process ' || o.pid || ')', 'of process ' || o.pid)
    WHEN 'prepared' THEN 'the prepared transaction ' || o.name WHEN 'slot' THEN 'the slot ' || o.name
    WHEN 'standby' THEN 'the standby ' || o.name || ' (hot_standby_feedback)' ELSE coalesce(o.name, o.kind) END AS holder,
  CASE o.kind WHEN 'session' THEN 'SELECT pg_terminate_backend(' || o.pid || ');' WHEN 'prepared' THEN 'ROLLBACK PREPARED ''' || o.name || ''';'
    WHEN 'slot' THEN 'SELECT pg_drop_replication_slot(''' || o.name || ''');' ELSE 'the query on the standby' END AS end_text,
  (o.last_ns - o.since_ns) / 1e6 AS age_ms, o.kind, o.xmin_age, ', ' || o.xmin_age || ' transactions back' AS xmin_text,
  m.tables, m.dead_before, m.dead_after, m.relation
FROM oldest AS o JOIN summed AS m ON m.server = o.server WHERE o.place = 1
ORDER BY age_ms DESC LIMIT 50
