-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-change-point-marker"
version = 1
title = "The level changed at a known event"
headline = "{operation} went from {before_ms} to {after_ms} after: {marker}"
severity = "warning"
needs = ["traces", "markers"]
rung = 1
summary = "The {metric} of {operation} moved from {before_ms} to {after_ms} ({ratio_x}) at {at}, {after_minutes} minutes after {marker}. That marker is the suspect until it is refuted: undoing takes minutes, understanding longer."
cause = "That change, until refuted."
checks = [
  "Are there other markers in the same half hour?",
  "Did the same operation change on instances that the change did not touch?",
  "Flags take up to 30 s until every instance knows them.",
]
fix = """
1. Undo the change.
2. Then read it."""
proof = "The level is back within five minutes of undoing it."
risk = "The feature is absent meanwhile."
refuse = "Calling it a coincidence; a restart first."
quiet = "A change before the marker, less than half as much again, a slow drift, no marker in the half hour before."
related = ["series-regression-without-change", "trace-first-self-time-change"]

[thresholds]
x = { value = 1.5, unit = "factor", source = "set here" }
p = { value = 0.01, unit = "probability", source = "set here: of Pettitt's test" }
win = { value = 30, unit = "min", source = "incident reports; others say two hours" }
least = { value = 10, unit = "ms", source = "set here: of difference" }
*/
WITH step AS (
  SELECT c.*, (SELECT e.id FROM event AS e WHERE e.ts_ns BETWEEN c.ts_ns - :win * 60000000000 AND c.ts_ns + c.bin_ns
      AND e.kind IN ('deploy', 'config', 'flag', 'scale', 'failover', 'secret_rotation', 'experiment', 'cron', 'chaos')
      ORDER BY e.ts_ns DESC LIMIT 1) AS marker_id
  FROM change_point AS c
  WHERE c.subject_kind = 'operation' AND c.p_value <= :p AND c.median_after >= :x * c.median_before
    AND c.median_after - c.median_before >= :least * 1000000
)
SELECT 'warning' AS severity, 'operation' AS subject_kind, s.subject AS subject_id, s.ts_ns AS start_ns, NULL AS end_ns,
  (s.median_after - s.median_before) / 1e6 AS gain_ms,
  s.subject AS operation, upper(replace(s.metric, '_ns', '')) AS metric,
  strftime('%H:%M:%S', s.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS at, s.median_before / 1e6 AS before_ms,
  s.median_after / 1e6 AS after_ms, s.median_after / s.median_before AS ratio_x, s.p_value, s.n AS bins,
  round((s.ts_ns - e.ts_ns) / 6e10, 1) AS after_minutes,
  e.kind || coalesce(' ' || e.service, '') || coalesce(' (' || coalesce(e.title, e.detail) || ')', '') AS marker,
  e.id AS event_id
FROM step AS s JOIN event AS e ON e.id = s.marker_id
ORDER BY gain_ms DESC, s.subject LIMIT 50
