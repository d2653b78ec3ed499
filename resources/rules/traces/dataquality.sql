-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-data-quality"
version = 2
title = "The trace data cannot be read naively"
headline = "{flagged_pct} of the spans of {source} carry a doubt"
severity = "warning"
needs = ["traces"]
rung = 0
summary = "Of {examined} examined spans of {source}, {flagged} carry a doubt ({kinds}); {longer} of them are longer than the span that called them, and clocks of hosts are off by up to {skew_ms}. Their self times and places in the tree are guesses."
cause = "Clocks that differ between hosts, asynchronous work, lost or sampled spans, a damaged export."
checks = ["Do the doubts belong to one pair of hosts?", "Is a part of the system sampled by itself?", "Was the export cut?"]
fix = """
1. State the sampling rate and sample whole traces.
2. Mark asynchronous spans as producer and consumer, or link them.
3. Synchronise the clocks."""
proof = "Fewer than one span in a hundred carries a doubt."
risk = "None: nothing is changed."
refuse = "Negative self times, or parents stretched until the children fit."
quiet = "Fewer than one span in a hundred with a doubt."
related = ["trace-unaccounted-gap"]

[thresholds]
traces = { value = 500, unit = "traces", source = "set here: examined at most, spread evenly over all" }
spans = { value = 2000, unit = "spans", source = "set here: larger traces are not examined" }
info_w = { value = 0.01, unit = "share", source = "set here" }
w = { value = 0.1, unit = "share", source = "set here" }
*/
WITH RECURSIVE step(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM step WHERE k + 1 < :traces),
span_of_ids AS (
  SELECT (SELECT id FROM trace ORDER BY id LIMIT 1) AS first, (SELECT id FROM trace ORDER BY id DESC LIMIT 1) AS last
), picked AS MATERIALIZED (
  SELECT DISTINCT (SELECT t.id FROM trace AS t WHERE t.id >= i.first + (i.last - i.first + 1) * s.k / :traces
    ORDER BY t.id LIMIT 1) AS id
  FROM step AS s CROSS JOIN span_of_ids AS i
), examined AS MATERIALIZED (
  SELECT s.source_id, s.trace_id, s.quality, s.start_ns, s.duration_ns, s.parent_id
  FROM picked AS p CROSS JOIN trace AS t ON t.id = p.id CROSS JOIN span AS s ON s.trace_id = t.id
  WHERE t.span_count <= :spans
), counted AS (
  SELECT e.source_id, count(*) AS examined, count(e.quality) AS flagged, min(e.start_ns) AS start_ns,
    max(e.start_ns) AS end_ns
  FROM examined AS e GROUP BY e.source_id
)
SELECT CASE WHEN c.flagged >= :w * c.examined THEN 'warning' ELSE 'info' END AS severity,
  'source' AS subject_kind, c.source_id AS subject_id, c.start_ns, c.end_ns, NULL AS gain_ms,
  c.source_id, (SELECT s.path FROM source AS s WHERE s.id = c.source_id) AS source, c.examined, c.flagged,
  100.0 * c.flagged / c.examined AS flagged_pct,
  (SELECT group_concat(quality || ' ' || n, ', ') FROM (SELECT e.quality, count(*) AS n FROM examined AS e
    WHERE e.source_id = c.source_id AND e.quality IS NOT NULL GROUP BY e.quality ORDER BY n DESC, e.quality LIMIT 5))
    AS kinds,
  (SELECT count(*) FROM examined AS e CROSS JOIN span AS p ON p.id = e.parent_id WHERE e.source_id = c.source_id
    AND e.quality IS NOT NULL AND e.duration_ns > p.duration_ns) AS longer,
  coalesce((SELECT max(m.skew_ns) FROM picked AS p CROSS JOIN trace_time AS m ON m.trace_id = p.id
    CROSS JOIN trace AS t ON t.id = p.id WHERE t.source_id = c.source_id), 0) / 1e6 AS skew_ms
FROM counted AS c
WHERE c.flagged >= :info_w * c.examined AND c.flagged > 0
ORDER BY c.source_id
