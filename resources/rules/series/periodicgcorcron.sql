-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-periodic-gc-or-cron"
version = 1
title = "Latency peaks at a fixed interval"
headline = "{operation}: a peak each {period_ms}"
severity = "warning"
needs = ["traces"]
rung = 3
summary = "The {metric} of {operation} stands out {excursions} times, each {period_ms} apart ({matches}): {peak_ms} instead of {usual_ms}."
cause = "A full collection, or a scheduled job."
checks = [
  "A saw-tooth of memory points to the collector, a constant minute of the clock to a job.",
  "The schedules of all hosts that share something with it.",
  "Entries of a cache that expire together; rotation of logs.",
]
fix = """
1. Move or split the job, or give it a pool of its own.
2. The settings of the collector."""
proof = "The peaks are gone."
risk = "Work that moves meets somebody else."
refuse = "A larger machine for one minute in the hour; more heap as a cure."
quiet = "Fewer than 4 peaks, distances that differ, the period of checkpoints (another rule)."
related = ["series-change-point-marker"]

[thresholds]
peaks = { value = 4, unit = "peaks", source = "common guideline" }
r = { value = 0.9, unit = "strength", source = "set here: distances within a tenth of their median" }
n = { value = 5, unit = "calls", source = "set here: in a bin" }
*/
SELECT 'warning' AS severity, 'operation' AS subject_kind, p.subject AS subject_id, t.start_ns, t.end_ns, NULL AS gain_ms,
  p.subject AS operation, upper(replace(p.metric, '_ns', '')) AS metric, p.excursions, p.period_ns / 1e6 AS period_ms,
  p.strength, coalesce('as long as one ' || p.matches, 'no usual period') AS matches, t.p99_ns / 1e6 AS peak_ms,
  t.p50_ns / 1e6 AS usual_ms, t.ratio AS ratio_x, p.bin_ns / 1e6 AS bin_ms, p.bin_n
FROM periodicity AS p JOIN tail_shape AS t ON t.subject = p.subject AND t.metric = p.metric AND t.run_id = p.run_id
WHERE p.subject_kind = 'operation' AND p.excursions >= :peaks AND p.strength >= :r AND p.bin_n >= :n
  AND p.matches IS NOT 'checkpoint_timeout'
ORDER BY t.ratio DESC, p.subject LIMIT 50
