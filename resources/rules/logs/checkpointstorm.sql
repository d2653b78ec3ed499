-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "checkpoint-storm"
version = 1
title = "Bulk write forces checkpoints"
headline = "{forced} checkpoints were forced by WAL in {span_minutes} minutes"
severity = "warning"
needs = ["log"]
uses = ["settings"]
rung = 2
summary = "Within an hour {forced} checkpoints began because WAL filled up and {timed} by the clock; the forced ones are {apart} apart. Pages are flushed early and all at once, and each first change of a page after a checkpoint writes the page as a whole: latency is up for 30 to 60 s each time."
cause = "A bulk change that is not done in batches, or max_wal_size is too small for the usual writes."
checks = ["Which transaction is behind it?", "What is max_wal_size?", "Is it every day at the same time?"]
fix = """
1. Batches with pauses.
2. A larger max_wal_size: ALTER SYSTEM SET max_wal_size = '<what is written between two timed checkpoints>'; SELECT pg_reload_conf();"""
proof = "No checkpoint is started by WAL."
risk = "The job takes longer; recovery after a crash reads more WAL."
refuse = "Switching off full page writes or fsync."
quiet = "Checkpoints by the clock, by an administrator or for a backup; fewer than five in an hour, or fewer than the timed ones."
related = ["log-autovacuum-cancelled"]

[thresholds]
x = { value = 5, unit = "checkpoints/h", source = "set here" }
*/
WITH lines AS (
  SELECT coalesce(e.server_id, -e.source_id) AS server, e.server_id, e.id, e.ts_ns, e.ts_ns / 3600000000000 AS hour,
    -- Older servers say xlog.
    (e.message LIKE '%starting:%wal%' OR e.message LIKE '%starting:%xlog%') AS forced, e.message LIKE '%starting:%time%' AS timed,
    CASE WHEN e.message LIKE 'checkpoints are occurring too frequently (%'
      THEN CAST(substr(e.message, instr(e.message, '(') + 1) AS REAL) END AS apart_s
  FROM log_entry AS e
  WHERE e.kind = 'checkpoint' OR e.message LIKE 'checkpoints are occurring too frequently (%'
), hours AS (
  SELECT l.server, l.server_id, l.hour, sum(l.forced) AS forced, sum(l.timed) AS timed,
    count(l.apart_s) AS warnings, avg(l.apart_s) AS apart_s,
    min(CASE WHEN l.forced OR l.apart_s THEN l.ts_ns END) AS first_ns,
    max(CASE WHEN l.forced OR l.apart_s THEN l.ts_ns END) AS last_ns, min(l.id) AS log_id
  FROM lines AS l GROUP BY l.server, l.hour
), judged AS (
  -- Where log_checkpoints is off only the warnings are there.
  SELECT h.*, max(h.forced, h.warnings) AS n FROM hours AS h
)
SELECT 'warning' AS severity, 'server' AS subject_kind, coalesce(j.server_id, 'log') AS subject_id,
  j.first_ns AS start_ns, j.last_ns AS end_ns, NULL AS gain_ms, max(j.n) AS forced, j.timed,
  round((j.last_ns - j.first_ns) / 60e9) AS span_minutes,
  coalesce(CAST(round(j.apart_s) AS INTEGER) || ' s', CAST(round((j.last_ns - j.first_ns) / 1e9 / max(j.n - 1, 1)) AS INTEGER)
    || ' s') AS apart,
  count(*) AS hours, j.log_id
FROM judged AS j WHERE j.n >= :x AND j.n > j.timed
GROUP BY j.server ORDER BY forced DESC
