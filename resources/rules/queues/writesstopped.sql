-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-writes-stopped"
version = 1
title = "A table is no longer written"
headline = "Nothing is written to {table} since {since}"
severity = "critical"
needs = ["tabstat"]
uses = ["markers"]
rung = 4
summary = "Inserts and updates of {table} went from {per_min} a minute to 0 at {since} and stayed there for {hours} h. {marker_text}No error is needed for that: whoever writes it may be up and idle."
cause = "The program that writes it stopped working without failing."
checks = [
  "The consumer or job that writes it: does it own work?",
  "The marker minutes before.",
  "The position of its queue.",
]
fix = """
1. Bring the writer back to work.
2. An alarm on the rate of useful work, not on the process."""
proof = "Rows are written again."
risk = "What was waiting is written late."
refuse = "A restart alone; 'healthy' because there are no errors."
quiet = "Pauses shorter than an hour; pauses that recur; tables that are written now and then."
related = ["queue-no-progress"]

[thresholds]
t = { value = 60, unit = "min", source = "set here" }
n = { value = 60, unit = "samples with writes before it", source = "set here" }
*/
WITH steps AS (
  SELECT t.server_id, t.relid, t.schemaname, t.relname, t.ts_ns, coalesce(t.n_tup_ins, 0) + coalesce(t.n_tup_upd, 0) AS rows,
    lag(coalesce(t.n_tup_ins, 0) + coalesce(t.n_tup_upd, 0)) OVER w AS rows_before, lag(t.ts_ns) OVER w AS before_ns
  FROM table_sample AS t WHERE t.ts_ns IS NOT NULL AND (t.n_tup_ins IS NOT NULL OR t.n_tup_upd IS NOT NULL)
  WINDOW w AS (PARTITION BY t.server_id, t.relid, t.schemaname, t.relname ORDER BY t.ts_ns)
), writes AS (
  SELECT s.*, lead(s.before_ns) OVER (PARTITION BY s.server_id, s.relid, s.schemaname, s.relname ORDER BY s.ts_ns) AS next_ns,
    row_number() OVER (PARTITION BY s.server_id, s.relid, s.schemaname, s.relname ORDER BY s.ts_ns) AS place
  FROM steps AS s WHERE s.rows > s.rows_before
), ends AS (
  SELECT s.server_id, s.relid, s.schemaname, s.relname, max(s.ts_ns) AS last_ns FROM steps AS s GROUP BY 1, 2, 3, 4
), gaps AS (
  SELECT w.server_id, w.relid, w.schemaname, w.relname, w.ts_ns, coalesce(w.next_ns, e.last_ns) - w.ts_ns AS gap, w.place,
    coalesce(w.next_ns, e.last_ns) AS until_ns
  FROM writes AS w JOIN ends AS e ON e.server_id IS w.server_id AND e.relid IS w.relid AND e.schemaname IS w.schemaname AND e.relname IS w.relname
), longest AS (
  SELECT g.*, row_number() OVER (PARTITION BY g.server_id, g.relid, g.schemaname, g.relname ORDER BY g.gap DESC, g.ts_ns) AS rank FROM gaps AS g
)
SELECT 'critical' AS severity, 'table' AS subject_kind, coalesce(l.schemaname || '.', '') || l.relname AS subject_id, l.ts_ns AS start_ns,
  l.until_ns AS end_ns, NULL AS gain_ms, coalesce(l.schemaname || '.', '') || l.relname AS "table", strftime('%m-%d %H:%M:%S', l.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS since,
  round(l.gap / 3.6e12, 2) AS hours,
  (SELECT CAST(round((max(w.rows) - min(w.rows)) * 6e10 / nullif(max(w.ts_ns) - min(w.ts_ns), 0)) AS INTEGER) FROM writes AS w
    WHERE w.server_id IS l.server_id AND w.relid IS l.relid AND w.relname IS l.relname AND w.ts_ns <= l.ts_ns) AS per_min,
  coalesce((SELECT 'Shortly before: ' || coalesce(d.title, d.detail, d.kind) || ' (' || d.kind || '). ' FROM event AS d
    WHERE d.kind IN ('deploy', 'config', 'flag') AND d.ts_ns BETWEEN l.ts_ns - 900000000000 AND l.ts_ns + 60000000000 ORDER BY d.ts_ns DESC LIMIT 1), '') AS marker_text
FROM longest AS l WHERE l.rank = 1 AND l.gap >= :t * 60000000000 AND l.place >= :n
  AND NOT EXISTS (SELECT 1 FROM gaps AS o WHERE o.server_id IS l.server_id AND o.relid IS l.relid AND o.relname IS l.relname
    AND o.ts_ns <> l.ts_ns AND o.gap >= l.gap / 2)
ORDER BY l.gap DESC, l.relname LIMIT 100
