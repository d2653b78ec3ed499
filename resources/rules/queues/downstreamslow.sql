-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-downstream-slow"
version = 1
title = "Consumers wait for something slow"
headline = "{who}: as many consumers finish {factor_x} fewer items"
severity = "warning"
needs = ["queue"]
uses = ["host"]
rung = 4
summary = "{who} finishes {completion} items a second instead of {completion_before}, while {arrival} arrive as before ({arrival_before}) and {members_text}. Each item takes about {factor_x} longer: what the consumers call is slow, and more of them add load to it. {cpu_text}"
cause = "Something the consumers depend on is slow."
checks = [
  "The slow span in the traces of a consumer.",
  "Only some kinds of items?",
  "The load of the dependency.",
  "Errors, or a path that skips?",
]
fix = """
1. Mend the dependency.
2. Pause the kind of item that fails.
3. A limit for each call."""
proof = "Time per item, then completions a minute, then the depth."
risk = "Nothing."
refuse = "More consumers."
quiet = "Arrivals that rose; consumers that are missing; consumers whose processors are busy."
related = ["queue-never-drains", "queue-consumers-lost"]

[thresholds]
x = { value = 3, unit = "factor", source = "set here" }
a = { value = 1.5, unit = "factor of the arrivals", source = "set here" }
cpu = { value = 0.3, unit = "share of the processors", source = "usual" }
d = { value = 1000, unit = "items", source = "set here" }
*/
WITH busy AS (
  SELECT max(p.value) AS most FROM series AS s CROSS JOIN point AS p ON p.series_id = s.id WHERE s.metric IN ('process.cpu.utilization', 'system.cpu.utilization', 'container.cpu.utilization')
    AND coalesce(s.labels, '') NOT LIKE '%"idle"%' AND coalesce(s.labels, '') NOT LIKE '%"iowait"%'
    AND coalesce(s.labels, '') NOT LIKE '%"steal"%'
    AND (s.service LIKE '%consumer%' OR s.service LIKE '%worker%')
)
SELECT CASE WHEN v.completion_before_per_s >= 6 * v.completion_per_s THEN 'critical' ELSE 'warning' END AS severity, 'queue' AS subject_kind,
  coalesce(v.consumer_group, v.queue) AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms, coalesce(v.consumer_group, v.queue) AS who, round(v.completion_per_s, 2) AS completion,
  round(v.completion_before_per_s, 2) AS completion_before, round(v.arrival_per_s, 2) AS arrival, round(v.arrival_before_per_s, 2) AS arrival_before,
  v.completion_before_per_s / v.completion_per_s AS factor_x,
  CASE WHEN v.members IS NULL THEN 'the consumers are not counted in the data' ELSE printf('%d consumers work as before', v.members) END AS members_text,
  coalesce('Their processors are busy for ' || CAST(round(100 * b.most) AS INTEGER) || ' % at most.', '') AS cpu_text
FROM queue_verdict AS v LEFT JOIN busy AS b WHERE v.scope = 'phase' AND v.verdict = 'growing' AND v.depth_last >= :d AND v.completion_per_s > 0
  AND v.completion_before_per_s >= :x * v.completion_per_s AND v.arrival_per_s <= :a * v.arrival_before_per_s
  AND (v.members IS NULL OR v.members_before IS NULL OR v.members >= 0.8 * v.members_before) AND coalesce(b.most, 0) <= :cpu
ORDER BY v.depth_last DESC, v.queue LIMIT 100
