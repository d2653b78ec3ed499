-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "deadlock-parent-child"
version = 1
title = "Child insert and parent lock collide"
headline = "{n} deadlocks: inserts into {child} against locks on {parent}"
severity = "warning"
needs = ["log", "catalog"]
uses = ["sql"]
rung = 5
summary = "In {n} deadlocks one side inserts into {child} and the other asks for rows of {parent}, to which {constraint_name} refers: {statement}. Inserting a child locks its parent row lightly; asking for the parent FOR UPDATE afterwards closes the circle. A plain update of other columns does not."
cause = "The check of the foreign key takes a key share lock on the row of the parent."
checks = ["In which order do both statements run in the code?", "Is FOR UPDATE needed? FOR NO KEY UPDATE does for changes of other columns."]
fix = """
1. Lock the parent first in every path.
2. FOR NO KEY UPDATE instead of FOR UPDATE.
3. Insert the children in batches."""
proof = "The pattern is gone from the log."
risk = "Waiting for the parent begins earlier; undo it when P95 of the waits for locks passes 1 s."
refuse = "Only retries, or dropping the foreign key."
quiet = "The other side updates columns that are no key and does not ask FOR UPDATE."
related = ["deadlock-opposite-order"]
*/
WITH members AS (
  SELECT m.source_id, m.server_id, m.deadlock, m.position, m.ts_ns, m.pid, m.log_id, m.mode, m.statement_id,
    m.query_text, f.kind, f.locks, f.changed_columns,
    coalesce(f.target, m.relation) AS relation,
    coalesce(f.kind IN ('update', 'delete', 'insert', 'merge') OR f.locks IS NOT NULL, 0) AS writes
  FROM deadlock_member AS m LEFT JOIN statement_fact AS f ON f.statement_id = m.statement_id
), pairs AS (
  SELECT a.source_id, a.deadlock, a.server_id, min(a.ts_ns) AS ts_ns, min(a.log_id) AS log_id, a.relation AS child,
    b.relation AS parent, k.conname AS constraint_name, b.statement_id
  FROM members AS a JOIN members AS b
    ON b.source_id = a.source_id AND b.deadlock = a.deadlock AND b.position <> a.position
  JOIN db_constraint AS k ON k.contype = 'f' AND k.relname = a.relation
  JOIN db_table AS t ON t.oid = k.confrelid AND t.server_id IS k.server_id AND t.relname = b.relation
  WHERE a.kind = 'insert' AND (b.locks = 'update' OR b.kind = 'delete' OR b.kind = 'update' AND EXISTS (
    -- The update changes a column to which the key refers.
    SELECT 1 FROM json_each('[' || replace(replace(replace(replace(k.confkey, '{', ''), '}', ''), ' ', ','), ',,', ',') || ']')
      AS n JOIN db_column AS c ON c.attrelid = k.confrelid AND c.server_id IS k.server_id AND c.attnum = n.value
    WHERE instr(', ' || b.changed_columns || ',', ', ' || c.attname || ',') > 0))
  GROUP BY a.source_id, a.deadlock
)
SELECT 'warning' AS severity, 'table' AS subject_kind, p.child AS subject_id, min(p.ts_ns) AS start_ns,
  max(p.ts_ns) AS end_ns, NULL AS gain_ms, count(*) AS n, p.child, p.parent, p.constraint_name,
  (SELECT substr(coalesce(s.text, s.normalized), 1, 120) FROM statement AS s WHERE s.id = p.statement_id) AS statement,
  p.statement_id, min(p.log_id) AS log_id
FROM pairs AS p GROUP BY p.server_id, p.child, p.parent
ORDER BY n DESC, p.child, p.parent
