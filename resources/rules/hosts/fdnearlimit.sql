-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "fd-near-limit"
version = 1
title = "File descriptors run out"
headline = "{process}: {open} of {limit} file descriptors are open"
severity = "warning"
needs = ["series"]
rung = 3
summary = "{process} has up to {open} of {limit} file descriptors open ({used_pct}): new connections and files will fail at the limit."
cause = "The limit is at its default, or descriptors are not closed."
checks = ["What are they: sockets or files?", "Does the number rise with a flat load?"]
fix = """
1. Close them.
2. Raise the limit."""
proof = "The share falls."
risk = "None: nothing is changed."
refuse = "Only raising the limit while descriptors leak."
quiet = "Less than 80 % of the limit, a limit that is unknown."
related = ["series-flat-ceiling"]

[thresholds]
w = { value = 0.8, unit = "share", source = "common guideline" }
c = { value = 0.95, unit = "share", source = "set here" }
*/
SELECT CASE WHEN t.p99 >= :c * l.last THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  s.id AS subject_id, t.first_ts_ns AS start_ns, t.last_ts_ns AS end_ns, NULL AS gain_ms,
  coalesce(s.instance, s.service, 'the process') AS process, t.p99 AS open, l.last AS "limit", 100.0 * t.p99 / l.last AS used_pct
FROM series AS s JOIN series_stat AS t ON t.series_id = s.id
  JOIN series AS m ON m.source_id = s.source_id AND m.service IS s.service AND m.instance IS s.instance
    AND (m.metric LIKE '%file_descriptor%limit%' OR m.metric LIKE '%max_fds%' OR m.metric LIKE '%file_descriptor%max%')
  JOIN series_stat AS l ON l.series_id = m.id
WHERE (s.metric LIKE '%file_descriptor%' OR s.metric LIKE '%open_fds%') AND s.id <> m.id
  AND s.metric NOT LIKE '%max%' AND s.metric NOT LIKE '%limit%' AND l.last > 0 AND t.p99 >= :w * l.last
ORDER BY used_pct DESC, s.id LIMIT 20
