-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-periodic-checkpoint"
version = 1
title = "Latency peaks follow the checkpoint clock"
headline = "{series}: a peak each {period_ms}, as long as checkpoint_timeout"
severity = "warning"
needs = ["series"]
uses = ["settings", "bgw"]
rung = 4
summary = "{series} stands out {excursions} times, each {period_ms} apart: {ratio_x} its median. That is the distance of checkpoints; {steps} series of checkpoints move in it."
cause = "Changed pages are written out in a burst."
checks = [
  "Timed or requested checkpoints (pg_stat_bgwriter, pg_stat_checkpointer since 17)?",
  "Is max_wal_size reached before the time is over?",
  "Bulk writes at the same time.",
]
fix = """
1. checkpoint_completion_target = 0.9.
2. A larger max_wal_size, a longer checkpoint_timeout.
3. Bulk writes in batches."""
proof = "The peaks are gone or flat, and requested checkpoints are near 0."
risk = "Longer recovery after a crash, more WAL on disk."
refuse = "Faster disks first."
quiet = "Another period, fewer than 4 peaks, a job of the same period on the client."
related = ["checkpoint-storm", "series-periodic-gc-or-cron"]

[thresholds]
peaks = { value = 4, unit = "peaks", source = "common guideline" }
x = { value = 5, unit = "factor", source = "set here: of the highest peak over the median" }
*/
SELECT 'warning' AS severity, 'series' AS subject_kind, p.series_id AS subject_id, t.start_ns, t.end_ns, NULL AS gain_ms,
  p.subject AS series, p.excursions, p.period_ns / 1e6 AS period_ms, t.ratio AS ratio_x, p.strength,
  (SELECT count(*) FROM periodicity AS o JOIN series AS s ON s.id = o.series_id WHERE s.metric LIKE '%checkpoint%'
    AND abs(o.period_ns - p.period_ns) <= 0.1 * p.period_ns) AS steps
FROM periodicity AS p JOIN tail_shape AS t ON t.series_id = p.series_id JOIN series AS s ON s.id = p.series_id
WHERE p.series_id IS NOT NULL AND p.matches = 'checkpoint_timeout' AND p.excursions >= :peaks AND t.ratio >= :x
  AND s.unit IN ('ns', 'us', 'ms', 's', 'seconds', 'milliseconds')
ORDER BY t.ratio DESC, p.series_id LIMIT 50
