-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "log-temp-files"
version = 1
title = "Statements spill to temporary files"
headline = "{total_bytes} of temporary files in {files} files: {statement}"
severity = "warning"
needs = ["log"]
uses = ["sql", "settings"]
rung = 2
summary = "{statement} wrote {files} temporary files, {total_bytes} in all, the largest {largest_bytes}. Sorts and hashes that do not fit work_mem go to disk, where they are slower and compete with other work."
cause = "work_mem is smaller than what the statement sorts or hashes."
checks = [
  "Which node of its plan spills? (EXPLAIN with ANALYZE and BUFFERS)",
  "Does an index give the order, so that nothing is sorted?",
  "How many such statements run at a time? Each node of each may take work_mem.",
]
fix = """
1. An index in the order that is asked for, or fewer rows and columns to sort.
2. Where the largest is below 256 MB: SET LOCAL work_mem = '<three times the largest>'; in the transaction of this statement. A file of 1 GB is one part of a larger one: then only fewer rows or an index help."""
proof = "No line about temporary files of this statement."
risk = "Memory: work_mem counts for each sort and hash of each session."
refuse = "A large work_mem for everyone."
quiet = "Less than 1 GB in all and fewer than 100 files."
related = ["plan-memory-spill"]

[thresholds]
sum_w = { value = 1073741824, unit = "bytes", source = "set here" }
files_w = { value = 100, unit = "files", source = "set here" }
*/
WITH files AS (
  SELECT e.statement_id, e.ts_ns, e.pid, e.id,
    CAST(substr(e.message, instr(e.message, ', size ') + 7) AS INTEGER) AS bytes
  FROM log_entry AS e WHERE e.kind = 'temp_file' AND instr(e.message, ', size ') > 0
), summed AS (
  SELECT f.statement_id, count(*) AS files, sum(f.bytes) AS total_bytes, max(f.bytes) AS largest_bytes,
    count(DISTINCT f.pid) AS sessions, min(f.ts_ns) AS first_ns, max(f.ts_ns) AS last_ns, min(f.id) AS log_id
  FROM files AS f GROUP BY f.statement_id
)
SELECT 'warning' AS severity, 'statement' AS subject_kind, coalesce(m.statement_id, 'unknown') AS subject_id,
  m.first_ns AS start_ns, m.last_ns AS end_ns, NULL AS gain_ms, m.statement_id,
  coalesce((SELECT substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) FROM statement AS s WHERE s.id = m.statement_id), 'a statement that the log does not name')
    AS statement,
  m.files, m.total_bytes, m.largest_bytes, m.sessions, m.log_id
FROM summed AS m WHERE m.total_bytes >= :sum_w OR m.files >= :files_w
ORDER BY m.total_bytes DESC, m.statement_id LIMIT 100
