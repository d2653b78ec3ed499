-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-mean-doubled"
version = 1
title = "A statement takes twice as long as before"
headline = "The mean of a statement rose from {mean_before_ms} to {mean_after_ms}"
severity = "warning"
needs = ["stmts"]
uses = ["plan", "tabstat", "markers"]
rung = 1
summary = "{statement} took {mean_after_ms} on average in the later half of the record and {mean_before_ms} in the earlier half ({calls_after} and {calls_before} calls): {extra_ms} more in all."
cause = "Another plan, a larger table, colder pages, or waits for locks."
checks = [
  "Did the plan change (auto_explain before and after)?",
  "Blocks per call: more pages, or the same pages slower?",
  "Waits of its sessions.",
  "Deploys, settings and statistics around the change.",
]
fix = """
1. EXPLAIN (ANALYZE, BUFFERS) with the same values, next to a plan from before.
2. ANALYZE of its tables when estimates are off.
3. Undo the change that came before it."""
proof = "The mean is back where it was."
risk = "-"
refuse = "A larger server before the cause is known."
quiet = "Few calls; a little more in all; other parameters at another time of day are possible: look at them."
related = ["plan-regressed", "table-stats-stale", "stmt-pareto"]

[thresholds]
x = { value = 2, unit = "times", source = "common guideline" }
n = { value = 50, unit = "calls in each half", source = "set here" }
t = { value = 1000, unit = "ms more in all", source = "set here" }
*/
WITH samples AS MATERIALIZED (
  -- One text may be that of several entries: other tables of the same name, below a function or not.
  SELECT s.server_id, s.statement_id, s.user, s.db, s.epoch, json_extract(s.extra, '$.queryid') AS queryid,
    json_extract(s.extra, '$.toplevel') AS toplevel, s.ts_ns, s.calls, s.total_ms
  FROM statement_sample AS s WHERE s.calls IS NOT NULL
), begun AS (
  SELECT s.*, min(s.ts_ns) AS first_ns
  FROM samples AS s GROUP BY s.server_id, s.statement_id, s.user, s.db, s.epoch, s.queryid, s.toplevel
), ended AS (
  SELECT s.*, max(s.ts_ns) AS last_ns
  FROM samples AS s GROUP BY s.server_id, s.statement_id, s.user, s.db, s.epoch, s.queryid, s.toplevel
), whole AS (
  SELECT b.*, e.ts_ns AS end_ns, e.calls AS end_calls, e.total_ms AS end_ms
  FROM begun AS b JOIN ended AS e ON e.server_id IS b.server_id AND e.statement_id = b.statement_id AND e.user IS b.user
    AND e.db IS b.db AND e.epoch IS b.epoch AND e.queryid IS b.queryid AND e.toplevel IS b.toplevel
  WHERE e.calls - b.calls >= 2 * :n
), halved AS (
  SELECT w.*, (SELECT s.calls FROM statement_sample AS s WHERE s.statement_id = w.statement_id AND s.server_id IS w.server_id
      AND s.user IS w.user AND s.db IS w.db AND s.epoch IS w.epoch AND json_extract(s.extra, '$.queryid') IS w.queryid
      AND json_extract(s.extra, '$.toplevel') IS w.toplevel AND s.ts_ns <= (w.ts_ns + w.end_ns) / 2 ORDER BY s.ts_ns DESC LIMIT 1) AS mid_calls,
    (SELECT s.total_ms FROM statement_sample AS s WHERE s.statement_id = w.statement_id AND s.server_id IS w.server_id
      AND s.user IS w.user AND s.db IS w.db AND s.epoch IS w.epoch AND json_extract(s.extra, '$.queryid') IS w.queryid
      AND json_extract(s.extra, '$.toplevel') IS w.toplevel AND s.ts_ns <= (w.ts_ns + w.end_ns) / 2 ORDER BY s.ts_ns DESC LIMIT 1) AS mid_ms
  FROM whole AS w
), judged AS (
  SELECT h.*, h.mid_calls - h.calls AS calls_before, h.end_calls - h.mid_calls AS calls_after,
    (h.mid_ms - h.total_ms) / (h.mid_calls - h.calls) AS mean_before_ms, (h.end_ms - h.mid_ms) / (h.end_calls - h.mid_calls) AS mean_after_ms
  FROM halved AS h WHERE h.mid_calls - h.calls >= :n AND h.end_calls - h.mid_calls >= :n
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, j.statement_id AS subject_id, (j.ts_ns + j.end_ns) / 2 AS start_ns, j.end_ns,
  (j.mean_after_ms - j.mean_before_ms) * j.calls_after AS gain_ms, j.mean_before_ms, j.mean_after_ms, j.calls_before, j.calls_after,
  (j.mean_after_ms - j.mean_before_ms) * j.calls_after AS extra_ms,
  coalesce((SELECT substr(coalesce(q.normalized, q.text), 1, 200) FROM statement AS q WHERE q.id = j.statement_id), 'A statement') AS statement,
  j.db AS database, j.user, j.server_id
FROM judged AS j
WHERE j.mean_after_ms >= :x * j.mean_before_ms AND (j.mean_after_ms - j.mean_before_ms) * j.calls_after >= :t
ORDER BY extra_ms DESC, j.statement_id LIMIT 50
