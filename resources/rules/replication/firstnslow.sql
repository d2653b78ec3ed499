-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "repl-first-n-slow-standby"
version = 1
title = "The priority list waits for the far standby"
headline = "Commits wait for {far} ({far_ms}) although {near} answers in {near_ms}"
severity = "warning"
needs = ["repl", "settings"]
rung = 3
summary = "synchronous_standby_names = {names}: FIRST takes the connected standbys in the order of the list, so that every commit waits for {far} (P50 of its flush lag {far_ms}) although {near} answers {ratio_x} sooner, in {near_ms}."
cause = "The order of the list."
checks = [
  "Does a policy demand the far copy?",
  "The level of synchronous_commit.",
]
fix = """
1. synchronous_standby_names = 'ANY 1 ({near}, {far})'
2. Or the same list with {near} first."""
proof = "The wait of a commit: {far_ms} before, {near_ms} after."
risk = "The far copy may be behind when the site is lost."
refuse = "Switching synchronous commit off; looking at the network of the near standby."
quiet = "ANY; a list whose first standby is the quickest."
related = ["repl-sync-commit-cost"]

[thresholds]
x = { value = 3, unit = "factor", source = "set here" }
*/
WITH names AS (
  SELECT t.setting FROM setting AS t WHERE t.name = 'synchronous_standby_names' AND coalesce(t.setting, '') <> '' ORDER BY t.ts_ns DESC LIMIT 1
), answers AS (
  SELECT r.replica, p50(coalesce(r.flush_lag_ms, r.write_lag_ms) * 1000) / 1e3 AS ms FROM replica_sample AS r
  WHERE coalesce(r.flush_lag_ms, r.write_lag_ms) > 0 GROUP BY r.replica
), listed AS (
  SELECT n.setting, a.replica, a.ms, instr(lower(n.setting), lower(a.replica)) AS place FROM names AS n JOIN answers AS a
  WHERE instr(lower(n.setting), lower(a.replica)) > 0 AND lower(ltrim(n.setting)) NOT LIKE 'any %'
    AND (lower(ltrim(n.setting)) NOT LIKE 'first %' OR lower(ltrim(n.setting)) LIKE 'first 1%')
), first AS (SELECT l.* FROM listed AS l ORDER BY l.place LIMIT 1)
SELECT 'warning' AS severity, 'replica' AS subject_kind, f.replica AS subject_id, NULL AS start_ns, NULL AS end_ns,
  f.ms - b.ms AS gain_ms, f.setting AS names, f.replica AS far, f.ms AS far_ms, b.replica AS near, b.ms AS near_ms, f.ms / b.ms AS ratio_x
FROM first AS f JOIN listed AS b ON b.replica <> f.replica WHERE f.ms >= :x * b.ms ORDER BY b.ms LIMIT 1
