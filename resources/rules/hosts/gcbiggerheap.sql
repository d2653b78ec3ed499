-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "gc-bigger-heap-worse"
version = 1
title = "A larger heap, longer pauses"
headline = "{process}: the heap grew {heap_x}, the pauses {pause_x}"
severity = "warning"
needs = ["gc"]
rung = 4
summary = "At {at} the heap before a collection went from {before_bytes} to {after_bytes} and a pause from {before_ms} to {after_ms} ({pause_x}), while collections became rarer ({before_per_h} to {after_per_h} an hour). Their share of the time went from {before_pct} to {after_pct}, which is not what users feel: one pause is.{lost}"
cause = "All that lives is walked through in one stop."
checks = ["What lives after a collection.", "Where it is allocated."]
fix = """
1. Back to the old size.
2. A collector with short pauses.
3. Allocate less."""
proof = "The P99 of the pauses is back."
risk = "More of the processors for a collector with short pauses."
refuse = "Judging by how often, or by the sum; an even larger heap."
quiet = "Pauses that did not grow, a heap that did not."
related = ["gc-pause-high"]

[thresholds]
x = { value = 2, unit = "factor", source = "set here: longer" }
h = { value = 1.5, unit = "factor", source = "set here: larger" }
*/
SELECT 'warning' AS severity, 'source' AS subject_kind, p.source_id AS subject_id, p.change_ns AS start_ns,
  p.end_ns, (p.after_p99_ns - p.before_p99_ns) / 1e6 AS gain_ms,
  coalesce(p.instance, 'the process') AS process, p.after_heap / p.before_heap AS heap_x,
  1.0 * p.after_p50_ns / p.before_p50_ns AS pause_x, p.before_heap AS before_bytes, p.after_heap AS after_bytes,
  p.before_p50_ns / 1e6 AS before_ms, p.after_p50_ns / 1e6 AS after_ms, round(p.before_per_h, 1) AS before_per_h,
  round(p.after_per_h, 1) AS after_per_h, 100.0 * p.before_share AS before_pct, 100.0 * p.after_share AS after_pct,
  strftime('%H:%M:%S', p.change_ns / 1000000000, 'unixepoch') || ' UTC' AS at, p.lost AS events_lost,
  CASE WHEN p.lost IS NULL THEN '' ELSE printf(' %.0f events of %s arrive in one of them.', p.lost, p.rate) END AS lost
FROM pause_stat AS p
WHERE p.change_ns IS NOT NULL AND p.before_heap > 0 AND p.before_p50_ns > 0 AND p.after_p50_ns >= :x * p.before_p50_ns AND p.after_heap >= :h * p.before_heap
ORDER BY pause_x DESC, p.source_id LIMIT 50
