-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-common-dependency"
version = 1
title = "Several services got worse together: look for what they share"
headline = "{services} changed within {apart_ms}; all of them use {shared}"
severity = "warning"
needs = ["traces"]
rung = 1
summary = "{services} left their baselines within {apart_ms} (from {at} on), and all of them call {shared}{shared_state}. Look at the floor before the furniture; that they moved together proves nothing by itself."
cause = "Something they share: a service, names, a pool, a host, a certificate."
checks = [
  "Does {shared} fail or slow down in the traces of both?",
  "Does a certificate end at that time?",
  "Markers of all of them.",
]
fix = """
1. Repair what they share.
2. Without anything shared: two investigations."""
proof = "All of them recover together."
risk = "None: nothing is changed."
refuse = "Calling it a coincidence."
quiet = "Nothing in common, one of them called by the other, onsets further apart than a minute (or than one bin), a service that got slower by itself."
related = ["trace-first-self-time-change"]

[thresholds]
win = { value = 60, unit = "s", source = "set here" }
n = { value = 2, unit = "services", source = "the definition" }
traces = { value = 100, unit = "traces", source = "set here" }
*/
WITH hit AS MATERIALIZED (
  SELECT o.subject, min(o.ts_ns) AS ts_ns, max(o.bin_ns) AS bin_ns FROM onset AS o
  WHERE o.subject_kind = 'service' AND o.metric IN ('error_share', 'p50_ns') AND o.n >= :traces
  GROUP BY o.subject
), shared AS (
  SELECT p.callee, h.subject, h.ts_ns, h.bin_ns FROM hit AS h JOIN service_pair AS p ON p.caller = h.subject
  -- Who waits for another one of them has his cause there.
  WHERE NOT EXISTS (SELECT 1 FROM service_pair AS q JOIN hit AS g ON g.subject = q.callee
    WHERE q.caller = h.subject AND q.callee <> p.callee)
    AND NOT EXISTS (SELECT 1 FROM onset AS s WHERE s.subject_kind = 'service' AND s.metric = 'self_p50_ns'
      AND s.subject = h.subject AND p.has_spans = 1)
), together AS (
  SELECT s.callee, count(*) AS n, group_concat(s.subject, ', ') AS services, min(s.ts_ns) AS first_ns,
    max(s.ts_ns) - min(s.ts_ns) AS apart_ns, max(s.bin_ns) AS bin_ns
  FROM (SELECT * FROM shared ORDER BY subject) AS s GROUP BY s.callee
)
SELECT 'warning' AS severity, 'service' AS subject_kind, t.callee AS subject_id, t.first_ns AS start_ns, NULL AS end_ns,
  NULL AS gain_ms,
  t.services, t.n AS service_count, t.callee AS shared, t.apart_ns / 1e6 AS apart_ms,
  strftime('%H:%M:%S', t.first_ns / 1000000000, 'unixepoch') || ' UTC' AS at,
  CASE WHEN EXISTS (SELECT 1 FROM hit AS h WHERE h.subject = t.callee) THEN ', which changed as well'
    WHEN EXISTS (SELECT 1 FROM service_pair AS p WHERE p.callee = t.callee AND p.has_spans = 1)
      THEN ', which did not change itself' ELSE ', which has no spans of its own' END AS shared_state
FROM together AS t
WHERE t.n >= :n AND t.apart_ns <= max(:win * 1000000000, t.bin_ns)
ORDER BY t.n DESC, t.callee LIMIT 20
