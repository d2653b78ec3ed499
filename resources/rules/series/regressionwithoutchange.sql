-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-regression-without-change"
version = 1
title = "Slower, and nobody changed anything"
headline = "{operation} went from {before_ms} to {after_ms} without a marker in four hours"
severity = "warning"
needs = ["traces", "markers"]
rung = 4
summary = "The {metric} of {operation} moved from {before_ms} to {after_ms} ({ratio_x}) at {at}; none of the {markers} known markers lies in the four hours before. Code stands still, data does not."
cause = "Data passed a threshold of a plan, or a neighbour, a dependency or the mix of requests changed."
checks = [
  "Was something deployed that nobody wrote down? Ask first.",
  "Plans, numbers of rows and the age of statistics.",
  "The mix of requests; the P99 of dependencies; neighbours on the same host.",
]
fix = "1. Run the rule of what the checks find."
proof = "The level is back."
risk = "None: nothing is changed."
refuse = "The answer that nothing changed."
quiet = "A marker in the four hours before, less than twice the level, a slow drift, a workspace without any marker (then nobody can know)."
related = ["series-change-point-marker"]

[thresholds]
x = { value = 2, unit = "factor", source = "common guideline" }
p = { value = 0.01, unit = "probability", source = "set here: of Pettitt's test" }
win = { value = 240, unit = "min", source = "common guideline" }
least = { value = 10, unit = "ms", source = "set here: of difference" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind, c.subject AS subject_id, c.ts_ns AS start_ns, NULL AS end_ns,
  (c.median_after - c.median_before) / 1e6 AS gain_ms,
  c.subject AS operation, upper(replace(c.metric, '_ns', '')) AS metric,
  strftime('%H:%M:%S', c.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS at, c.median_before / 1e6 AS before_ms,
  c.median_after / 1e6 AS after_ms, c.median_after / c.median_before AS ratio_x, c.p_value, c.n AS bins,
  (SELECT count(*) FROM event) AS markers
FROM change_point AS c
WHERE c.subject_kind = 'operation' AND c.p_value <= :p AND c.median_after >= :x * c.median_before
  AND c.median_after - c.median_before >= :least * 1000000
  AND NOT EXISTS (SELECT 1 FROM event AS e WHERE e.ts_ns BETWEEN c.ts_ns - :win * 60000000000 AND c.ts_ns + c.bin_ns
    AND e.kind NOT IN ('alert', 'human', 'note'))
ORDER BY gain_ms DESC, c.subject LIMIT 50
