-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "checkpoint-requested"
version = 1
title = "Checkpoints come because WAL is full, not because it is time"
headline = "{requested} of {checkpoints} checkpoints were forced"
severity = "warning"
needs = ["series"]
uses = ["log", "settings"]
rung = 4
summary = "In the worst hour {requested} of {checkpoints} checkpoints came before checkpoint_timeout ({share_percent} %): max_wal_size was reached, or somebody asked. After each of them every page is written into WAL in full once more."
cause = "max_wal_size is small for what is written."
checks = [
  "WAL per checkpoint_timeout (WAL rate x the setting).",
  "Backups, CREATE DATABASE and the like ask for checkpoints too.",
  "Full page images in pg_stat_wal.",
]
fix = """
1. ALTER SYSTEM SET max_wal_size = '<WAL of a checkpoint_timeout, twice>'; SELECT pg_reload_conf();
2. checkpoint_timeout = '15min', checkpoint_completion_target = 0.9."""
proof = "Forced ones below a tenth; fewer full page images."
risk = "Recovery after a crash takes longer; more disk in pg_wal."
refuse = "Turning off full_page_writes."
quiet = "Fewer than that in an hour."
related = ["checkpoint-storm", "plan-wal-full-pages"]

[thresholds]
w = { value = 0.1, unit = "share", source = "common guideline" }
n = { value = 3, unit = "forced in an hour", source = "set here" }
*/
WITH steps AS (
  SELECT s.id, s.source_id, s.instance, json_extract(s.labels, '$.database') AS database, s.metric, p.ts_ns, p.value,
    lag(p.value) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS before
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id
  WHERE s.metric IN ('postgresql.checkpoint.timed', 'postgresql.checkpoint.requested')
), hours AS (
  -- A counter below its last value began anew.
  SELECT t.source_id, t.instance, t.database, t.ts_ns / 3600000000000 AS hour, min(t.ts_ns) AS first_ns, max(t.ts_ns) AS last_ns,
    sum(CASE WHEN t.metric = 'postgresql.checkpoint.timed' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS timed,
    sum(CASE WHEN t.metric = 'postgresql.checkpoint.requested' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS requested
  FROM steps AS t WHERE t.before IS NOT NULL GROUP BY t.source_id, t.instance, t.database, hour
)
SELECT 'warning' AS severity, 'server' AS subject_kind,
  coalesce(h.instance, 'server') AS subject_id, h.first_ns AS start_ns, h.last_ns AS end_ns, NULL AS gain_ms,
  CAST(max(h.requested) AS INTEGER) AS requested, CAST(h.requested + h.timed AS INTEGER) AS checkpoints,
  CAST(round(100 * h.requested / (h.requested + h.timed)) AS INTEGER) AS share_percent, count(*) AS hours
FROM hours AS h WHERE h.requested >= :n AND h.requested > :w * (h.requested + h.timed)
GROUP BY h.source_id, h.instance ORDER BY requested DESC LIMIT 50
