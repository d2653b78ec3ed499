-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "db-buffer-hit-ratio"
version = 1
title = "Pages come from outside the buffer cache"
headline = "Only {hit_percent} % of the pages of {who} were in the cache"
severity = "warning"
needs = ["series"]
uses = ["tabstat", "settings", "stmts"]
rung = 6
summary = "In the worst hour {read} of {all_blocks} page requests of {who} left the buffer cache ({hit_percent} % were found there), {usual_text}."
cause = "More is in use than fits into shared_buffers, or plans that read too much."
checks = [
  "Which statements read blocks?",
  "Large scans?",
  "Does the cache of the operating system answer (read time per block)?",
  "Did the server start just before?",
]
fix = """
1. Plans that read fewer pages.
2. Archive or partition what is not used.
3. shared_buffers near a quarter of the memory, then more memory."""
proof = "The share and the time of reads."
risk = "shared_buffers needs a restart."
refuse = "Memory before plans."
quiet = "Few reads; the hour after a start."
related = ["plan-heavy-page-reads"]

[thresholds]
w = { value = 0.99, unit = "share", source = "common guideline" }
c = { value = 0.95, unit = "share", source = "common guideline" }
n = { value = 100000, unit = "blocks read in an hour", source = "set here" }
*/
WITH steps AS (
  SELECT s.id, s.source_id, s.instance, json_extract(s.labels, '$.database') AS database, s.metric, p.ts_ns, p.value,
    lag(p.value) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS before
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id
  WHERE s.metric IN ('postgresql.blocks_hit', 'postgresql.blocks_read')
), hours AS (
  -- A counter below its last value began anew.
  SELECT t.source_id, t.instance, t.database, t.ts_ns / 3600000000000 AS hour, min(t.ts_ns) AS first_ns, max(t.ts_ns) AS last_ns,
    sum(CASE WHEN t.metric = 'postgresql.blocks_hit' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS hit,
    sum(CASE WHEN t.metric = 'postgresql.blocks_read' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS read
  FROM steps AS t WHERE t.before IS NOT NULL GROUP BY t.source_id, t.instance, t.database, hour
), worst AS (
  SELECT h.*, min(h.hit / (h.hit + h.read)) AS ratio,
    (SELECT sum(o.hit) / (sum(o.hit) + sum(o.read)) FROM hours AS o WHERE o.source_id = h.source_id AND o.instance IS h.instance
      AND o.database IS h.database AND o.hour <> h.hour AND o.hit + o.read > 0) AS usual
  FROM hours AS h WHERE h.read >= :n AND h.hit < :w * (h.hit + h.read)
    AND NOT EXISTS (SELECT 1 FROM server AS v WHERE v.source_id = h.source_id AND h.first_ns - v.postmaster_start_ns BETWEEN 0 AND 3600000000000)
  GROUP BY h.source_id, h.instance, h.database
)
SELECT CASE WHEN h.ratio < :c THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  coalesce(h.instance, 'server') AS subject_id, h.first_ns AS start_ns, h.last_ns AS end_ns, NULL AS gain_ms,
  coalesce(h.database, h.instance, 'the server') AS who, CAST(h.ratio * 1000 AS INTEGER) / 10.0 AS hit_percent, CAST(h.read AS INTEGER) AS read,
  CAST(h.read + h.hit AS INTEGER) AS all_blocks,
  CASE WHEN h.usual IS NULL THEN 'the only hour of the record' ELSE printf('%.1f %% in the other hours', 100 * h.usual) END AS usual_text
FROM worst AS h ORDER BY h.ratio, who LIMIT 50
