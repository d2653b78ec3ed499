-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "db-temp-bytes"
version = 1
title = "Sorts and hashes go to disk"
headline = "{who} wrote {temp_bytes} of temporary files in an hour"
severity = "warning"
needs = ["series"]
uses = ["stmts", "settings", "plan"]
rung = 4
summary = "In the worst hour {who} wrote {temp_bytes} in {files} temporary files, because sorts, hashes or results did not fit into work_mem."
cause = "Large sorts or hashes, or a work_mem that is too small for them."
checks = [
  "Which statements write them (Statements, by temporary blocks)?",
  "EXPLAIN (ANALYZE, BUFFERS) of the first: Sort Method: external, Batches > 1.",
  "log_temp_files = 0 names each.",
]
fix = """
1. Fewer rows into the sort: a filter, a LIMIT with a matching index.
2. SET LOCAL work_mem = '<size>'; for that statement only.
3. work_mem for the role that runs reports."""
proof = "Temporary blocks of those statements fall."
risk = "work_mem holds for each sort and hash of each session: memory."
refuse = "A large work_mem for everybody."
quiet = "Less than that in an hour."
related = ["plan-memory-spill", "stmt-pareto"]

[thresholds]
w = { value = 1000000000, unit = "bytes in an hour", source = "set here" }
c = { value = 50000000000, unit = "bytes in an hour", source = "set here" }
*/
WITH steps AS (
  SELECT s.id, s.source_id, s.instance, json_extract(s.labels, '$.database') AS database, s.metric, p.ts_ns, p.value,
    lag(p.value) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS before
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id
  WHERE s.metric IN ('postgresql.temp_bytes', 'postgresql.temp_files')
), hours AS (
  -- A counter below its last value began anew.
  SELECT t.source_id, t.instance, t.database, t.ts_ns / 3600000000000 AS hour, min(t.ts_ns) AS first_ns, max(t.ts_ns) AS last_ns,
    sum(CASE WHEN t.metric = 'postgresql.temp_bytes' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS bytes,
    sum(CASE WHEN t.metric = 'postgresql.temp_files' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS files
  FROM steps AS t WHERE t.before IS NOT NULL GROUP BY t.source_id, t.instance, t.database, hour
)
SELECT CASE WHEN h.bytes >= :c THEN 'critical' ELSE 'warning' END AS severity, 'server' AS subject_kind,
  coalesce(h.instance, 'server') AS subject_id, h.first_ns AS start_ns, h.last_ns AS end_ns, NULL AS gain_ms,
  coalesce(h.database, h.instance, 'the server') AS who, CAST(max(h.bytes) AS INTEGER) AS temp_bytes, CAST(h.files AS INTEGER) AS files, count(*) AS hours
FROM hours AS h WHERE h.bytes >= :w
GROUP BY h.source_id, h.instance, h.database ORDER BY temp_bytes DESC LIMIT 50
