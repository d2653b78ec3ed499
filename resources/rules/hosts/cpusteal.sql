-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "cpu-steal"
version = 1
title = "The hypervisor takes processor time away"
headline = "{n} of {all} instances lose up to {steal_pct} of their processors"
severity = "warning"
needs = ["host"]
rung = 3
summary = "{n} of {all} instances lose processor time to others on their host (P95 of steal up to {steal_pct}: {instances}). Below 2 % it counts as healed."
cause = "A loud neighbour, or a host with too much on it."
checks = ["Are they on the same host?", "Credits of bursting machines.", "Status checks of the host."]
fix = """
1. Move the instance: stop and start it.
2. A host of one's own, or rules that keep them apart."""
proof = "Steal is below 2 %, and the P99 of the instance is that of the others."
risk = "The price."
refuse = "More instances on the same hosts."
quiet = "Steal below 5 %; all instances alike (then there is too little for all)."
related = ["dist-instance-subset"]

[thresholds]
w = { value = 0.05, unit = "share", source = "common guideline" }
c = { value = 0.1, unit = "share", source = "common guideline" }
*/
WITH told AS (
  SELECT s.id, coalesce(s.instance, s.service, s.labels) AS instance,
    CASE WHEN s.unit IN ('%', 'percent') OR t.max > 1.5 THEN t.p95 / 100 ELSE t.p95 END AS share, t.first_ts_ns, t.last_ts_ns
  FROM series AS s JOIN series_stat AS t ON t.series_id = s.id
  WHERE s.metric LIKE '%steal%' OR (s.metric LIKE '%cpu%' AND s.labels LIKE '%"steal"%')
), steal AS ( -- cores as their mean
  SELECT min(id) AS id, instance, avg(share) AS share, min(first_ts_ns) AS first_ts_ns, max(last_ts_ns) AS last_ts_ns
  FROM told GROUP BY instance
), high AS (SELECT * FROM steal WHERE share > :w)
SELECT CASE WHEN max(h.share) > :c THEN 'critical' ELSE 'warning' END AS severity, 'series' AS subject_kind, h.id AS subject_id,
  min(h.first_ts_ns) AS start_ns, max(h.last_ts_ns) AS end_ns, NULL AS gain_ms,
  count(*) AS n, (SELECT count(*) FROM steal) AS "all", 100.0 * max(h.share) AS steal_pct,
  substr(group_concat(h.instance, ', '), 1, 200) AS instances
FROM high AS h HAVING count(*) > 0 AND (count(*) < (SELECT count(*) FROM steal) OR (SELECT count(*) FROM steal) = 1)
