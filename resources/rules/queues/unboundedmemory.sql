-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "queue-unbounded-memory"
version = 1
title = "A queue in memory grows until the process dies"
headline = "{queue} grows by {growth} a second and starts anew at 0"
severity = "critical"
needs = ["queue"]
rung = 5
summary = "{queue} grew by {growth} items a second and fell from {depth} to 0 {times} times without being worked off: what was queued was lost each time. A bound of 10,000 would be full in {full_s} s; it needs a counter of what it drops."
cause = "No limit."
checks = [
  "Arrivals against service.",
  "Restarts and out-of-memory kills before.",
]
fix = """
1. A bounded queue with a counter of drops and dead letters.
2. A durable queue."""
proof = "Drops are counted, the memory is flat."
risk = "Refusals that callers see."
refuse = "More memory: it only takes longer. Looking for a leak in the code."
quiet = "A queue with a bound; a queue that is worked off."
related = ["queue-never-drains", "queue-no-progress"]

[thresholds]
bound = { value = 10000, unit = "items", source = "usual" }
n = { value = 2, unit = "times", source = "set here" }
*/
WITH steps AS (
  SELECT q.source_id, q.queue, q.ts_ns, q.depth, q.completed, lag(q.depth) OVER w AS before, lag(q.completed) OVER w AS done_before,
    max(q.depth) OVER (PARTITION BY q.source_id, q.queue) AS most
  FROM queue_sample AS q WHERE q."partition" IS NULL WINDOW w AS (PARTITION BY q.source_id, q.queue, q.consumer_group ORDER BY q.ts_ns)
), drops AS (
  SELECT s.source_id, s.queue, count(*) AS times, max(s.before) AS depth, min(s.ts_ns) AS start_ns, max(s.ts_ns) AS end_ns
  FROM steps AS s WHERE s.before >= :bound AND s.before >= s.most / 2 AND s.depth <= s.before * 0.01 AND (s.completed IS NULL OR s.completed - s.done_before < s.before / 2)
  GROUP BY s.source_id, s.queue
)
SELECT 'critical' AS severity, 'queue' AS subject_kind, d.queue AS subject_id, d.start_ns, d.end_ns, NULL AS gain_ms, d.queue, d.times,
  CAST(d.depth AS INTEGER) AS depth, round(max(v.growth_per_s), 1) AS growth, round(:bound / max(v.growth_per_s), 1) AS full_s
FROM drops AS d JOIN queue_verdict AS v ON v.source_id = d.source_id AND v.queue = d.queue AND v.scope = 'phase' AND v.growth_per_s > 0
WHERE d.times >= :n GROUP BY d.source_id, d.queue ORDER BY d.depth DESC, d.queue LIMIT 100
