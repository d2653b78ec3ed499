-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "log-error-jump"
version = 1
title = "An error became frequent"
headline = "{peak} times in a minute: {pattern}"
severity = "critical"
needs = ["log"]
rung = 1
summary = "{pattern} ({errors} times in the log) came {peak} times in the minute from the start of this finding on; {usual_text}."
cause = "Something changed: a deployment, a limit that is reached, a dependency that failed."
checks = ["What was deployed or changed shortly before?", "One user, database or application, or all of them?", "Which statement stands below the error?"]
fix = """
1. Undo the change, when one lies within two hours before it.
2. Else follow the message: the details of the entries name statement, user and database."""
proof = "Back at the usual number of errors a minute."
risk = "None: nothing is changed yet."
refuse = "Filtering the message out of the log."
quiet = "Fewer than 20 in a minute, or less than 10 times the usual; deadlocks, which have rules of their own; messages below ERROR."
related = ["deadlock-rate"]

[thresholds]
n = { value = 20, unit = "errors/min", source = "set here" }
x = { value = 10, unit = "factor", source = "set here" }
*/
WITH bounds AS (
  SELECT e.source_id, (max(e.ts_ns) - min(e.ts_ns)) / 60e9 AS minutes FROM log_entry AS e GROUP BY e.source_id
), minutes AS (
  SELECT e.source_id, coalesce(e.pattern, substr(e.message, 1, 80)) AS shape, e.severity, e.ts_ns / 60000000000 AS minute,
    count(*) AS n, min(e.ts_ns) AS first_ns, max(e.ts_ns) AS last_ns, min(e.id) AS log_id
  FROM log_entry AS e
  WHERE e.severity IN ('ERROR', 'FATAL', 'PANIC') AND e.kind <> 'deadlock' AND e.ts_ns IS NOT NULL
    AND coalesce(e.sqlstate, '') <> '40P01'
  GROUP BY e.source_id, shape, e.severity, minute
), ranked AS (
  SELECT m.*, sum(m.n) OVER whole AS errors, count(*) OVER whole AS busy,
    row_number() OVER (PARTITION BY m.source_id, m.shape, m.severity ORDER BY m.n DESC, m.minute) AS place
  FROM minutes AS m WINDOW whole AS (PARTITION BY m.source_id, m.shape, m.severity)
), judged AS (
  -- What is usual: the other minutes of the log, those without the error too.
  SELECT r.*, (r.errors - r.n) / max(b.minutes - 1, 1) AS usual, b.minutes
  FROM ranked AS r JOIN bounds AS b ON b.source_id = r.source_id WHERE r.place = 1 AND r.n >= :n
)
SELECT CASE WHEN j.severity = 'ERROR' THEN 'warning' ELSE 'critical' END AS severity, 'log_pattern' AS subject_kind,
  j.shape AS subject_id, j.first_ns AS start_ns, j.last_ns AS end_ns, NULL AS gain_ms, substr(j.shape, 1, 120) AS pattern,
  j.severity AS level, j.n AS peak, j.errors, j.usual AS usual_per_min,
  CASE WHEN j.usual = 0 THEN 'it does not occur in the other ' || CAST(j.minutes - 1 AS INTEGER) || ' minutes'
    ELSE 'usual are ' || round(j.usual, 2) || ' a minute' END AS usual_text,
  j.source_id, j.log_id
FROM judged AS j WHERE j.n >= :x * j.usual AND j.minutes >= 10
ORDER BY j.n DESC, j.shape LIMIT 50
