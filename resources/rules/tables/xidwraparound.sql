-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "xid-wraparound"
version = 2
title = "Transaction ids run out"
headline = "{relation} is {age} transactions old, {left_ids} are left"
severity = "warning"
needs = ["catalog"]
uses = ["settings", "tabstat"]
rung = 3
summary = "The oldest row of {relation} was frozen {age} transactions ago; at 2,147,483,648 the server stops accepting writes to protect data. {left_ids} are left. Autovacuum forces a freeze at {forced}."
cause = "Vacuum is behind, or something holds it back."
checks = [
  "What holds the oldest xmin: a session, a slot, a prepared transaction, a standby?",
  "Which tables are the oldest?",
  "Does an autovacuum \"to prevent wraparound\" run already?",
]
fix = """
1. End what holds the oldest xmin.
2. VACUUM (FREEZE) {relation}; off-peak, the oldest table first.
3. More of its share for vacuum: a larger autovacuum_vacuum_cost_limit."""
proof = "The age falls."
risk = "Vacuum reads the whole table."
refuse = "Cancelling the autovacuum that prevents the wraparound."
quiet = "An age below 500 million."
related = ["table-dead-tuples", "vacuum-held-back"]

[thresholds]
w = { value = 500000000, unit = "transactions", source = "set here" }
c = { value = 1200000000, unit = "transactions", source = "set here" }
*/
WITH sampled AS (
  SELECT t.server_id, t.dbname, coalesce(t.schemaname || '.', '') || t.relname AS relation, max(t.ts_ns) AS ts_ns, t.relfrozenxid_age AS age
  FROM table_sample AS t WHERE t.relfrozenxid_age IS NOT NULL GROUP BY t.server_id, t.dbname, relation
), known AS (
  -- A table that is sampled again and again is as old as it was last.
  SELECT s.server_id, s.dbname, s.relation, s.age FROM sampled AS s WHERE s.age >= :w
  UNION ALL
  SELECT t.server_id, t.dbname, coalesce(t.schemaname || '.', '') || t.relname, t.relfrozenxid_age
  FROM db_table AS t WHERE t.relfrozenxid_age >= :w AND NOT EXISTS (SELECT 1 FROM sampled AS s WHERE s.server_id IS t.server_id
    AND s.dbname IS t.dbname AND s.relation = coalesce(t.schemaname || '.', '') || t.relname)
), aged AS (
  SELECT k.*, count(*) OVER (PARTITION BY k.server_id, k.dbname) AS tables,
    row_number() OVER (PARTITION BY k.server_id, k.dbname ORDER BY k.age DESC, k.relation) AS place
  FROM known AS k
)
SELECT CASE WHEN a.age >= :c THEN 'critical' ELSE 'warning' END AS severity, 'table' AS subject_kind, a.relation AS subject_id,
  NULL AS start_ns, NULL AS end_ns, NULL AS gain_ms,
  a.server_id, a.dbname AS database, a.relation, a.age, 2147483648 - a.age AS left_ids, a.tables AS old_tables,
  coalesce((SELECT CAST(s.setting AS INTEGER) FROM setting AS s WHERE s.server_id IS a.server_id
    AND s.name = 'autovacuum_freeze_max_age' ORDER BY s.ts_ns DESC LIMIT 1), 200000000) AS forced
FROM aged AS a WHERE a.place = 1
ORDER BY a.age DESC
