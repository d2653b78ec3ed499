-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-wal-full-pages"
version = 1
title = "Most of the log is whole pages"
headline = "{fpi_pct} of the {wal_bytes} logged are whole pages"
severity = "info"
needs = ["plan+"]
rung = 3
summary = "The statement wrote {wal_bytes} of log, {fpi} whole page images of up to 8 kB among {records} records: about {fpi_pct} of it. After each checkpoint the first change of a page logs the whole page."
cause = "Checkpoints follow each other closely, or a bulk change touches pages in random order."
checks = [
  "How often are checkpoints, and are they requested by size (max_wal_size)?",
  "Do random keys (UUID version 4) spread the writes over all pages of an index?",
]
fix = """
1. A larger max_wal_size and checkpoint_timeout, so that checkpoints are rarer.
2. wal_compression = on (lz4 where available).
3. Keys that grow with time."""
proof = "Fewer full page images for the same rows."
risk = "Rarer checkpoints make recovery after a crash longer."
refuse = "full_page_writes = off: a torn page cannot be repaired then."
quiet = "Less than half of the log, less than 1 MB of log."
related = ["plan-select-writes-pages"]

[thresholds]
share_w = { value = 0.5, unit = "share", source = "set here" }
bytes_w = { value = 1048576, unit = "bytes", source = "set here" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
), wal AS (
  SELECT n.*, CASE WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."WAL FPI"') END AS fpi, coalesce(CASE
    WHEN json_valid(n.extra) THEN json_extract(n.extra, '$."WAL Records"') END, 0) AS records
  FROM plans AS p CROSS JOIN plan_node AS n ON n.plan_id = p.id AND n.node = 0 WHERE n.wal_bytes >= :bytes_w
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  n.plan_id, n.wal_bytes, n.fpi, n.records, min(100.0, 100.0 * 8192 * n.fpi / n.wal_bytes) AS fpi_pct, p.execution_ms
FROM wal AS n CROSS JOIN plans AS p ON p.id = n.plan_id
WHERE 8192 * n.fpi > :share_w * n.wal_bytes
ORDER BY n.wal_bytes DESC, p.id
