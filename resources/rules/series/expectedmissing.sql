-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "series-expected-events-missing"
version = 1
title = "Something that always happens has stopped"
headline = "{series}: {value} instead of {expected} for {hours} h"
severity = "warning"
needs = ["series"]
rung = 1
summary = "{series} is at {value} where {expected} is usual at this hour ({share_pct}), since {at}, for {hours} h{open}. Work that does not happen raises no errors. What is usual was learned without this time: a mean over the last days would by now call it normal."
cause = "A consumer that stands still, a producer that is gone, a route that leads nowhere."
checks = [
  "Is the input missing too?",
  "Is there a backlog in front of it?",
  "What was changed in the minutes before?",
  "Are these zeros, or are there no samples? Gaps are not counted here.",
]
fix = "1. Find the last work that was done, and what was changed right after."
proof = "The rate is back in its band."
risk = "None: nothing is changed."
refuse = "Taking green for healthy."
quiet = "Hours that are quiet every week, a gap in the samples, less than two days to learn from, more than half of the usual, shorter than a quarter of an hour."
related = ["series-change-point-marker"]

[thresholds]
share = { value = 0.5, unit = "share", source = "common guideline" }
t = { value = 15, unit = "min", source = "common guideline; others say 10" }
*/
SELECT CASE WHEN d.kind = 'zero' THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind,
  d.series_id AS subject_id, d.start_ns, d.end_ns, NULL AS gain_ms,
  d.subject AS series, round(d.value, 3) AS value, round(d.expected, 3) AS expected, 100.0 * d.share AS share_pct,
  round(d.hours, 2) AS hours, strftime('%Y-%m-%d %H:%M', d.start_ns / 1000000000, 'unixepoch') || ' UTC' AS at,
  CASE WHEN d.is_open = 1 THEN ', and it goes on' ELSE '' END AS open, d.bin_ns / 1e6 AS bin_ms
FROM series_departure AS d
WHERE d.kind IN ('low', 'zero') AND d.share < :share AND d.hours * 60 >= :t
ORDER BY d.is_open DESC, d.hours DESC, d.series_id LIMIT 50
