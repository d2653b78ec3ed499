-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-first-self-time-change"
version = 1
title = "Which service started it"
headline = "{service} changed first, at {at}"
severity = "critical"
needs = ["traces"]
rung = 1
summary = "The time {service} itself needs (P50 per trace, without its callees and without waiting) left its baseline of {before_ms} at {at} and went to {after_ms} ({ratio_x}){tie}. Then {followers} became slow as well although none of them needs more time itself: they waited. Marker before it: {marker}."
cause = "One service got slower; its synchronous callers followed."
checks = [
  "The marker: what changed there?",
  "Does the caller wait without a limit, or retry?",
  "No slow leaf? Then look at how the first caller calls.",
]
fix = """
1. Undo the change at the first service.
2. Isolate it: block the call, a short limit, a bulkhead in its callers."""
proof = "The self time is back, and the followers recover without a change of theirs."
risk = "Its feature is off for the while."
refuse = "Blaming the service that shows the errors, or the one that queued first."
quiet = "One service alone, fewer than 100 traces of the service, onsets further apart than an hour, no service that follows."
related = ["trace-slow-success", "trace-retry-amplification", "series-change-point-marker"]

[thresholds]
x = { value = 2, unit = "factor", source = "incident reports" }
traces = { value = 100, unit = "traces", source = "set here" }
win = { value = 60, unit = "min", source = "set here" }
marker = { value = 120, unit = "min", source = "incident reports: a change within two hours" }
*/
WITH own AS MATERIALIZED (
  SELECT o.* FROM onset AS o
  WHERE o.subject_kind = 'service' AND o.metric = 'self_p50_ns' AND o.n >= :traces AND o.ratio >= :x
), first AS (
  SELECT o.* FROM own AS o WHERE o.ts_ns = (SELECT min(ts_ns) FROM own) ORDER BY o.ratio DESC, o.subject LIMIT 1
), follower AS MATERIALIZED (
  -- Slow as a whole, later than the first or in its bin, and not by itself.
  SELECT DISTINCT s.subject FROM first AS f JOIN onset AS s
  WHERE s.subject_kind = 'service' AND s.metric = 'p50_ns' AND s.subject <> f.subject AND s.n >= :traces
    AND s.ts_ns BETWEEN f.ts_ns - f.bin_ns AND f.ts_ns + :win * 60000000000
    AND NOT EXISTS (SELECT 1 FROM own AS o WHERE o.subject = s.subject AND o.ts_ns <= s.ts_ns)
), marker AS (
  SELECT e.kind || coalesce(' ' || e.service, '') || ' at ' || strftime('%H:%M:%S', e.ts_ns / 1000000000, 'unixepoch')
      || coalesce(' (' || coalesce(e.title, e.detail) || ')', '') AS text, e.id
  FROM first AS f JOIN event AS e
  WHERE e.ts_ns BETWEEN f.ts_ns - :marker * 60000000000 AND f.ts_ns + f.bin_ns
    AND e.kind IN ('deploy', 'config', 'flag', 'scale', 'failover', 'secret_rotation', 'experiment', 'cron', 'chaos')
  ORDER BY e.service IS f.subject DESC, e.ts_ns DESC LIMIT 1
)
SELECT 'critical' AS severity, 'service' AS subject_kind, f.subject AS subject_id, f.ts_ns AS start_ns,
  f.ts_ns + 10 * f.bin_ns AS end_ns,
  (f.after - f.before) / 1e6 AS gain_ms,
  f.subject AS service, strftime('%H:%M:%S', f.ts_ns / 1000000000, 'unixepoch') || ' UTC' AS at, f.before / 1e6 AS before_ms,
  f.after / 1e6 AS after_ms, f.ratio AS ratio_x, f.n AS traces, f.margin_bins, f.bin_ns / 1e6 AS bin_ms,
  coalesce((SELECT ', in the same bin as ' || group_concat(o.subject, ', ') FROM own AS o
    WHERE o.ordinal = f.ordinal AND o.subject <> f.subject), '') AS tie,
  (SELECT group_concat(w.subject, ', ') FROM follower AS w) AS followers,
  (SELECT count(*) FROM follower) AS follower_count,
  coalesce((SELECT m.text FROM marker AS m), 'none within two hours') AS marker, (SELECT m.id FROM marker AS m) AS event_id
FROM first AS f
WHERE EXISTS (SELECT 1 FROM follower)
