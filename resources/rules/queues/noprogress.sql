-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-no-progress"
version = 1
title = "Alive, healthy and doing nothing"
headline = "{who}: nothing was finished since {since}"
severity = "critical"
needs = ["queue"]
uses = ["markers"]
rung = 4
summary = "{who} finished nothing since {since} ({hours} h until {until}), while {arrival} items a second arrived: {depth} were waiting. {notice_text}{marker_text}{members_text} {twin_text} {margin_text} The absence of errors is not health: probes, error counts and processors say nothing here. {drain_text}"
cause = "A consumer that stalled or owns no partitions."
checks = [
  "Assigned partitions: members without partitions look alive.",
  "Did the name of the group change?",
  "The marker minutes before.",
  "The last line of its log.",
]
fix = """
1. Bring the assignment back.
2. A functional check: lag and progress, not only the process.
3. Catching up: capacity minus arrivals is what counts."""
proof = "Something is finished; the lag falls."
risk = "What was waiting is processed late: consumers must bear repeats."
refuse = "A restart alone; more consumers than partitions; 'healthy' because all probes are green."
quiet = "Nothing waits, for however long."
related = ["queue-consumer-identity", "queue-retention-risk", "queue-never-drains"]

[thresholds]
t = { value = 300, unit = "s", source = "usual" }
*/
WITH stood AS (
  -- Without any progress in the data: since its begin at least.
  SELECT q.run_id, q.source_id, q.queue, q.consumer_group, q.start_ns, q.end_ns, q.members, q.assigned, q.depth_first, q.depth_last,
    q.arrival_per_s, q.growth_per_s, q.retention_s, q.same_as, coalesce(q.last_progress_ns, q.start_ns) AS last_progress_ns,
    q.last_progress_ns IS NULL AS is_begin
  FROM queue_verdict AS q WHERE q.scope = 'phase' AND q.verdict = 'stopped'
), stops AS (
  SELECT v.*, coalesce(v.consumer_group, v.queue) AS who,
    (SELECT h.ts_ns FROM event AS h WHERE h.kind = 'human' AND h.ts_ns >= v.last_progress_ns AND h.ts_ns <= v.end_ns ORDER BY h.ts_ns LIMIT 1) AS human_ns,
    (SELECT coalesce(d.title, d.detail, d.kind) || ' at ' || strftime('%m-%d %H:%M:%S', d.ts_ns / 1000000000, 'unixepoch') || ' UTC' FROM event AS d
      WHERE d.kind IN ('deploy', 'config', 'flag', 'scale') AND d.ts_ns BETWEEN v.last_progress_ns - 900000000000 AND v.last_progress_ns + 60000000000
      ORDER BY d.ts_ns DESC LIMIT 1) AS marker
  FROM stood AS v WHERE v.end_ns - v.last_progress_ns >= :t * 1000000000
), told AS (
  SELECT s.*, (coalesce(s.human_ns, s.end_ns) - s.last_progress_ns) / 3.6e12 AS noticed_h,
    s.depth_first + s.growth_per_s * (coalesce(s.human_ns, s.end_ns) - s.start_ns) / 1e9 AS waiting_then,
    (SELECT n.start_ns FROM queue_verdict AS n WHERE n.scope = 'phase' AND n.verdict = 'draining' AND n.queue = s.queue
      AND n.consumer_group IS s.consumer_group AND n.start_ns >= s.end_ns ORDER BY n.start_ns LIMIT 1) AS drain_ns
  FROM stops AS s
)
SELECT 'critical' AS severity, 'queue' AS subject_kind, t.who AS subject_id, t.last_progress_ns AS start_ns, t.end_ns, NULL AS gain_ms,
  t.who, t.queue, strftime('%m-%d %H:%M:%S', t.last_progress_ns / 1000000000, 'unixepoch') || ' UTC'
    || CASE WHEN t.is_begin THEN ' (the begin of the data) or earlier' ELSE '' END AS since, strftime('%m-%d %H:%M:%S', t.end_ns / 1000000000, 'unixepoch') || ' UTC' AS until,
  round((t.end_ns - t.last_progress_ns) / 3.6e12, 1) AS hours, coalesce(round(t.arrival_per_s, 1), 'unknown') AS arrival,
  CAST(t.depth_last AS INTEGER) AS depth, round(t.noticed_h, 2) AS noticed_h, CAST(t.waiting_then AS INTEGER) AS waiting_then,
  CASE WHEN t.human_ns IS NOT NULL THEN printf('When a person noticed at %s, the last useful work was %.1f h ago and %.2f M were waiting. ',
    strftime('%m-%d %H:%M:%S', t.human_ns / 1000000000, 'unixepoch') || ' UTC', t.noticed_h, t.waiting_then / 1e6) ELSE '' END AS notice_text,
  coalesce('Shortly before: ' || t.marker || '. ', '') AS marker_text,
  CASE WHEN t.members = 0 THEN 'It has no members.' WHEN t.assigned = 0 THEN 'Its members own no partitions.' WHEN t.members > 0 THEN printf('It has %d members.', t.members)
    ELSE 'Its members are not in the data.' END AS members_text,
  coalesce('Its twin ' || t.same_as || ' differs only in separators.', '') AS twin_text,
  CASE WHEN t.retention_s > 0 THEN printf('The queue keeps items for %.0f h: %.1f h were left.', t.retention_s / 3600, t.retention_s / 3600 - t.noticed_h) ELSE '' END AS margin_text,
  CASE WHEN t.retention_s > 0 THEN t.retention_s / 3600 - t.noticed_h END AS margin_h,
  coalesce((SELECT 'From ' || strftime('%m-%d %H:%M:%S', n.start_ns / 1000000000, 'unixepoch') || ' UTC' || printf(' on %.1f a second are finished beside %.1f that arrive: the backlog of %.0f takes %.2f h.',
    n.completion_per_s, n.arrival_per_s, t.depth_last, t.depth_last / nullif(n.completion_per_s - n.arrival_per_s, 0) / 3600)
    FROM queue_verdict AS n WHERE n.scope = 'phase' AND n.verdict = 'draining' AND n.queue = t.queue
      AND n.consumer_group IS t.consumer_group AND n.start_ns >= t.end_ns ORDER BY n.start_ns LIMIT 1), 'It has not resumed in the data.') AS drain_text
FROM told AS t ORDER BY t.depth_last DESC, t.who LIMIT 100
