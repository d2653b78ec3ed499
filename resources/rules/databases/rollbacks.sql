-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "db-rollbacks"
version = 1
title = "Many transactions roll back"
headline = "{share_percent} % of the transactions of {who} rolled back"
severity = "warning"
needs = ["series"]
uses = ["log"]
rung = 1
summary = "In the worst hour {rollbacks} of {transactions} transactions of {who} ended with a rollback ({share_percent} %), in {hours} hours more than the limit."
cause = "Errors in the application, deadlocks and serialization failures that are tried again, or a framework that rolls back what only read."
checks = [
  "Errors in the server's log at that time.",
  "Deadlocks and serialization failures.",
  "Does a driver or a framework end reads with ROLLBACK?",
]
fix = """
1. Mend the most frequent error of the log.
2. End reads with COMMIT."""
proof = "The share falls below the limit."
risk = "-"
refuse = "Retrying more often."
quiet = "Few rollbacks."
related = ["log-error-jump", "deadlock-rate", "db-deadlocks"]

[thresholds]
w = { value = 0.05, unit = "share", source = "common guideline" }
n = { value = 100, unit = "rollbacks in an hour", source = "set here" }
*/
WITH steps AS (
  SELECT s.id, s.source_id, s.instance, json_extract(s.labels, '$.database') AS database, s.metric, p.ts_ns, p.value,
    lag(p.value) OVER (PARTITION BY s.id ORDER BY p.ts_ns) AS before
  FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id
  WHERE s.metric IN ('postgresql.commits', 'postgresql.rollbacks')
), hours AS (
  -- A counter below its last value began anew.
  SELECT t.source_id, t.instance, t.database, t.ts_ns / 3600000000000 AS hour, min(t.ts_ns) AS first_ns, max(t.ts_ns) AS last_ns,
    sum(CASE WHEN t.metric = 'postgresql.commits' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS commits,
    sum(CASE WHEN t.metric = 'postgresql.rollbacks' THEN CASE WHEN t.value >= t.before THEN t.value - t.before ELSE t.value END ELSE 0 END) AS rollbacks
  FROM steps AS t WHERE t.before IS NOT NULL GROUP BY t.source_id, t.instance, t.database, hour
)
SELECT 'warning' AS severity, 'server' AS subject_kind,
  coalesce(h.instance, 'server') AS subject_id, h.first_ns AS start_ns, h.last_ns AS end_ns, NULL AS gain_ms,
  coalesce(h.database, h.instance, 'the server') AS who, CAST(max(h.rollbacks / (h.commits + h.rollbacks)) * 1000 AS INTEGER) / 10.0 AS share_percent,
  CAST(h.rollbacks AS INTEGER) AS rollbacks, CAST(h.commits + h.rollbacks AS INTEGER) AS transactions, count(*) AS hours
FROM hours AS h WHERE h.rollbacks >= :n AND h.rollbacks > :w * (h.commits + h.rollbacks)
GROUP BY h.source_id, h.instance, h.database ORDER BY share_percent DESC LIMIT 50
