-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-literals"
version = 1
title = "Statements carry literals instead of parameters"
headline = "{texts} texts of one statement: {statement}"
severity = "warning"
needs = ["log", "sql"]
rung = 5
summary = "The log shows {texts} different texts of one statement, {statement}, which differ in literals only. Every text is parsed and planned anew, they crowd each other out of the statistics of statements, and injected input becomes code."
cause = "SQL is put together from strings."
checks = ["A setting of the driver, or text made by hand?", "Do the values hold personal data? They are in the log now."]
fix = """
1. Parameters that are bound.
2. Statements that the driver prepares."""
proof = "The number of different texts falls, and so does planning time."
risk = "A generic plan on skewed data."
refuse = "Filtering the input for words of SQL."
quiet = "Fewer than 100 texts of a statement; statements with bound parameters, of which the log shows the text with $1; migrations, interactive sessions."
related = ["plan-planning-dominates"]

[thresholds]
n = { value = 100, unit = "texts", source = "set here" }
n_w = { value = 1000, unit = "texts", source = "set here" }
*/
WITH lines AS (
  SELECT e.statement_id, e.ts_ns, substr(e.message, instr(e.message, 'statement: ') + 11) AS body, e.user, e.application
  FROM log_entry AS e
  WHERE e.statement_id IS NOT NULL AND instr(e.message, 'statement: ') > 0
), counted AS (
  SELECT l.statement_id, count(DISTINCT l.body) AS texts, count(*) AS lines, min(l.ts_ns) AS first_ns,
    max(l.ts_ns) AS last_ns, max(l.user) AS user, max(l.application) AS application
  FROM lines AS l GROUP BY l.statement_id
)
SELECT CASE WHEN c.texts >= :n_w THEN 'warning' ELSE 'info' END AS severity, 'statement' AS subject_kind,
  c.statement_id AS subject_id, c.first_ns AS start_ns, c.last_ns AS end_ns, NULL AS gain_ms, c.statement_id,
  substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) AS statement, c.texts, c.lines, c.user, c.application
FROM counted AS c JOIN statement AS s ON s.id = c.statement_id
WHERE c.texts >= :n AND coalesce(c.application, '') NOT IN ('psql', 'pg_dump', 'pg_restore')
ORDER BY c.texts DESC, c.statement_id LIMIT 100
