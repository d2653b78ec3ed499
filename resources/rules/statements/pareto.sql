-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-pareto"
version = 1
title = "A few statements carry most of the load"
headline = "{k} of {n} statements use {share_pct} of the database time"
severity = "warning"
needs = ["stmts"]
rung = 1
summary = "{k} of {n} statements use {share_pct} of the {total_ms} that the database worked ({evidence_kind}). First: {first}, {first_pct} of the time in {first_calls} calls of {first_mean_ms}. Work on those; the mean alone would rank a nightly report above everything."
cause = "Time of a database is never spread evenly over its statements."
checks = [
  "Are these differences between two snapshots, or totals since the last reset?",
  "Calls and mean beside the total: many cheap calls or few dear ones?",
  "What is the verdict on each of them: an index, a batch, a cache, or nothing?",
]
fix = """
1. Open the statements in the order of their total time and follow what the rules on their plans say."""
proof = "Their share of the time falls, and so does the total."
risk = "None: nothing is changed yet."
refuse = "Ranking by the mean: it hides the statement that is run a million times."
quiet = "A window of less than 10 minutes; fewer than 10 statements; spans, which show only what was sampled; more than 20 statements to reach the share."
related = ["stmt-many-cheap-or-few-dear"]

[thresholds]
share = { value = 0.8, unit = "share", source = "common guideline" }
k_w = { value = 5, unit = "statements", source = "common guideline; others take 10" }
k_i = { value = 20, unit = "statements", source = "set here" }
n_min = { value = 10, unit = "statements", source = "set here: fewer are few anyway" }
window = { value = 600, unit = "s", source = "set here" }
*/
WITH ranked AS (
  SELECT t.*, sum(t.total_ms) OVER (PARTITION BY t.origin) AS all_ms,
    sum(t.total_ms) OVER (PARTITION BY t.origin ORDER BY t.total_ms DESC, t.statement_id
      ROWS UNBOUNDED PRECEDING) AS running_ms,
    row_number() OVER (PARTITION BY t.origin ORDER BY t.total_ms DESC, t.statement_id) AS place,
    count(*) OVER (PARTITION BY t.origin) AS n,
    min(t.first_ns) OVER (PARTITION BY t.origin) AS begin_ns, max(t.last_ns) OVER (PARTITION BY t.origin) AS finish_ns
  FROM statement_stat AS t WHERE t.origin IN ('stat', 'log') AND t.total_ms > 0
), reached AS (
  -- The first statement at which the sum reaches the share.
  SELECT r.* FROM ranked AS r
  WHERE r.running_ms >= :share * r.all_ms AND r.running_ms - r.total_ms < :share * r.all_ms AND r.n >= :n_min
    -- One snapshot: totals since the counters were reset.
    AND (r.finish_ns IS NULL OR r.finish_ns = r.begin_ns OR r.finish_ns - r.begin_ns >= :window * 1000000000)
)
SELECT CASE WHEN c.place <= :k_w AND c.finish_ns > c.begin_ns THEN 'warning' ELSE 'info' END AS severity,
  'statements' AS subject_kind, c.origin AS subject_id, c.begin_ns AS start_ns, c.finish_ns AS end_ns, NULL AS gain_ms,
  c.place AS k, c.n, 100.0 * c.running_ms / c.all_ms AS share_pct, c.all_ms AS total_ms,
  CASE c.origin WHEN 'log' THEN 'only what the log tells: statements that took longer than its limit'
    ELSE CASE WHEN c.finish_ns > c.begin_ns THEN 'differences between snapshots'
      ELSE 'one snapshot: totals since the counters were reset' END END AS evidence_kind,
  (SELECT substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) FROM statement AS s WHERE s.id = f.statement_id) AS first,
  100.0 * f.total_ms / c.all_ms AS first_pct, f.calls AS first_calls, f.mean_ms AS first_mean_ms,
  f.statement_id,
  (SELECT group_concat(statement_id) FROM ranked AS r WHERE r.origin = c.origin AND r.place <= c.place) AS statements
FROM reached AS c JOIN ranked AS f ON f.origin = c.origin AND f.place = 1
WHERE c.place <= :k_i
ORDER BY c.origin
