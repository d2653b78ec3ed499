-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "txn-serialization-failures"
version = 1
title = "Serializable transactions abort often"
headline = "{n} transactions could not be serialized: {statement}"
severity = "warning"
needs = ["log"]
uses = ["stmts"]
rung = 5
summary = "{n} transactions were aborted because they could not be serialized ({per_min} a minute), most at {statement}{share_text}. Their work is repeated."
cause = "Strict isolation used everywhere."
checks = [
  "Which transactions need the isolation?",
  "Do they scan more than they need? Wide scans widen what is locked by predicate.",
  "Does the application repeat them?",
]
fix = """
1. Isolation chosen for each transaction.
2. Shorter transactions that read by index."""
proof = "The share of aborted transactions, and the throughput."
risk = "Anomalies, where the isolation was needed: undo it when an invariant fails."
refuse = "More retries without shorter transactions."
quiet = "Less than 5 % of the calls of the statement; fewer than 20, where their number is unknown."
related = ["deadlock-rate"]

[thresholds]
w = { value = 0.05, unit = "share", source = "common guideline: 5 to 15 % are a loss" }
n = { value = 20, unit = "errors", source = "set here" }
*/
WITH aborted AS (
  SELECT e.source_id, e.statement_id, count(*) AS n, min(e.ts_ns) AS first_ns, max(e.ts_ns) AS last_ns, min(e.id) AS log_id
  FROM log_entry AS e
  WHERE (e.sqlstate = '40001' OR e.message LIKE 'could not serialize access%')
    AND e.message NOT LIKE '%due to conflict with recovery%'
  GROUP BY e.source_id, e.statement_id
), told AS (
  SELECT a.*, sum(a.n) OVER (PARTITION BY a.source_id) AS all_n,
    row_number() OVER (PARTITION BY a.source_id ORDER BY a.n DESC, a.statement_id) AS place,
    min(a.first_ns) OVER (PARTITION BY a.source_id) AS begin_ns, max(a.last_ns) OVER (PARTITION BY a.source_id) AS finish_ns,
    (SELECT max(t.calls) FROM statement_stat AS t WHERE t.statement_id = a.statement_id AND t.origin = 'stat') AS calls
  FROM aborted AS a
)
SELECT CASE WHEN t.calls IS NULL THEN 'info' ELSE 'warning' END AS severity, 'statement' AS subject_kind,
  coalesce(t.statement_id, 'unknown') AS subject_id, t.begin_ns AS start_ns, t.finish_ns AS end_ns, NULL AS gain_ms,
  t.statement_id, coalesce((SELECT substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) FROM statement AS s WHERE s.id = t.statement_id),
    'a statement that the log does not name') AS statement,
  t.all_n AS n, t.n AS of_statement, t.calls, t.all_n / max((t.finish_ns - t.begin_ns) / 60e9, 1) AS per_min,
  CASE WHEN t.calls > 0 THEN ' (' || round(100.0 * t.n / t.calls, 1) || ' % of its calls)' ELSE '' END AS share_text, t.log_id
FROM told AS t
WHERE t.place = 1 AND (t.calls > 0 AND t.n >= :w * t.calls OR t.calls IS NULL AND t.all_n >= :n)
ORDER BY t.all_n DESC
