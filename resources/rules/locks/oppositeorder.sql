-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "deadlock-opposite-order"
version = 1
title = "Two transactions lock the same rows in opposite order"
headline = "Deadlocks on {relation} ({n}): rows are locked in opposite order"
severity = "critical"
needs = ["log"]
uses = ["sql"]
rung = 5
summary = "Deadlocks: {n} ({typical_per_min} a minute, {peak_per_min} in the worst minute, {span_text}), of two statements that write {relation}: {statement_a} and {statement_b}. One path locks in one order, the other in another; each holds what the other wants, and the server cancels one of them. About 70 % of all deadlocks are of this kind."
cause = "Rows are updated in an order that differs from path to path."
checks = [
  "Both statements as the log tells them: which code do they come from?",
  "Is there a loop, or no ORDER BY, in both paths?",
  "How many rows does one transaction lock?",
]
fix = """
1. Lock in the order of the key in every path: SELECT ... FROM {relation} WHERE id = ANY(<ids>) ORDER BY id FOR UPDATE; before the updates, or sort the ids before the loop.
2. Shorter transactions.
3. Up to three retries with jitter, as a net below it and not as the cure."""
proof = "No deadlock a minute (in a known case within 60 s of the change)."
risk = "More waiting instead of errors; undo it when P95 of the waits for locks passes 1 s."
refuse = "Only retries, or a longer lock timeout: the order stays wrong."
quiet = "A single deadlock is information only; cycles of which one side only inserts or reads."
related = ["deadlock-rate", "deadlock-parent-child", "deadlock-unclassified"]

[thresholds]
c = { value = 1, unit = "deadlocks/min", source = "common alert" }
*/
WITH members AS (
  SELECT m.source_id, m.server_id, m.deadlock, m.position, m.ts_ns, m.pid, m.log_id, m.mode, m.statement_id,
    m.query_text, f.kind, f.locks, f.changed_columns,
    coalesce(f.target, m.relation) AS relation,
    coalesce(f.kind IN ('update', 'delete', 'insert', 'merge') OR f.locks IS NOT NULL, 0) AS writes
  FROM deadlock_member AS m LEFT JOIN statement_fact AS f ON f.statement_id = m.statement_id
), pairs AS (
  SELECT a.source_id, a.server_id, a.deadlock, min(a.ts_ns) AS ts_ns, min(a.log_id) AS log_id, a.relation,
    min(a.statement_id, b.statement_id) AS id_a, max(a.statement_id, b.statement_id) AS id_b
  FROM members AS a JOIN members AS b
    ON b.source_id = a.source_id AND b.deadlock = a.deadlock AND b.position > a.position AND b.relation = a.relation
  WHERE a.writes AND b.writes AND a.kind <> 'insert' AND b.kind <> 'insert'
  GROUP BY a.source_id, a.deadlock
), minutes AS (
  SELECT p.server_id, p.relation, p.id_a, p.id_b, p.ts_ns / 60000000000 AS minute, count(*) AS n, min(p.ts_ns) AS first_ns,
    max(p.ts_ns) AS last_ns, min(p.log_id) AS log_id
  FROM pairs AS p GROUP BY p.server_id, p.relation, p.id_a, p.id_b, minute
), placed AS (
  SELECT m.*, row_number() OVER (PARTITION BY m.server_id, m.relation, m.id_a, m.id_b ORDER BY m.n) AS place,
    count(*) OVER (PARTITION BY m.server_id, m.relation, m.id_a, m.id_b) AS busy
  FROM minutes AS m
), grouped AS (
  SELECT p.server_id, p.relation, p.id_a, p.id_b, sum(p.n) AS n, max(p.n) AS peak, min(p.first_ns) AS first_ns,
    max(p.last_ns) AS last_ns, min(p.log_id) AS log_id, max(CASE WHEN p.place = (p.busy + 1) / 2 THEN p.n END) AS typical
  FROM placed AS p GROUP BY p.server_id, p.relation, p.id_a, p.id_b
)
SELECT CASE WHEN g.n = 1 THEN 'info' WHEN g.peak > :c THEN 'critical' ELSE 'warning' END AS severity,
  'table' AS subject_kind, g.relation AS subject_id, g.first_ns AS start_ns, g.last_ns AS end_ns, NULL AS gain_ms,
  g.relation, g.n, g.typical AS typical_per_min, g.peak AS peak_per_min,
  CASE WHEN g.last_ns - g.first_ns < 60000000000 THEN 'within a minute'
    ELSE 'over ' || CAST(round((g.last_ns - g.first_ns) / 60e9) AS INTEGER) || ' minutes' END AS span_text,
  (SELECT substr(coalesce(s.text, s.normalized), 1, 120) FROM statement AS s WHERE s.id = g.id_a) AS statement_a,
  CASE WHEN g.id_a = g.id_b THEN 'the same with other values'
    ELSE (SELECT substr(coalesce(s.text, s.normalized), 1, 120) FROM statement AS s WHERE s.id = g.id_b) END AS statement_b,
  g.id_a AS statement_id, g.id_b AS other_statement_id, g.log_id
FROM grouped AS g
ORDER BY g.n DESC, g.relation, g.id_a, g.id_b LIMIT 100
