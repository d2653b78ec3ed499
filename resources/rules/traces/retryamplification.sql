-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-retry-amplification"
version = 1
title = "Retries multiply through the layers"
headline = "One request becomes {leaf_attempts} calls of {leaf}"
severity = "critical"
needs = ["traces"]
rung = 2
summary = "{traces} of the examined traces retry on {levels} hops one below the other. In the worst one request makes {attempts} calls, {retries} of them repeats ({retry_pct}), and {leaf_attempts} of them reach {leaf}. At {requests_per_min} requests a minute{weighted} that is {leaf_per_min} calls a minute when all of them retry."
cause = "Every layer retries on its own, and repeats the repeats of the layer above."
checks = [
  "Count the hops that retry, not the services: attempts to the power of hops.",
  "Which attempts failed, and which were only slow?",
  "Are calls among them that must not be done twice?",
]
fix = """
1. Retry in one layer only, the outermost.
2. A retry budget of 10 % of the requests in each layer.
3. Back off with jitter.
4. Pass the deadline down, so that nobody repeats what nobody waits for."""
proof = "Calls at the leaf per request fall to about 1.1."
risk = "Single failures become visible."
refuse = "More retries, or a restart before the retries are stopped."
quiet = "One hop that retries, fewer than 4 calls at the leaf, repeats by design (paging, polling)."
related = ["trace-unsafe-retry", "trace-retry-after-deadline", "trace-first-self-time-change"]

[thresholds]
levels = { value = 2, unit = "hops", source = "incident reports" }
w = { value = 4, unit = "calls", source = "set here: two attempts on two hops" }
c = { value = 16, unit = "calls", source = "set here: four attempts on two hops" }
*/
WITH deep AS (
  SELECT r.*, row_number() OVER (PARTITION BY r.leaf_service, r.leaf_operation
      ORDER BY r.leaf_attempts DESC, r.attempts DESC, r.trace_id) AS place,
    count(*) OVER (PARTITION BY r.leaf_service, r.leaf_operation) AS traces,
    min(r.start_ns) OVER (PARTITION BY r.leaf_service, r.leaf_operation) AS first_ns,
    max(r.start_ns) OVER (PARTITION BY r.leaf_service, r.leaf_operation) AS last_ns
  FROM retry_tree AS r WHERE r.levels >= :levels
)
SELECT CASE WHEN d.leaf_attempts >= :c THEN 'critical' ELSE 'warning' END AS severity, 'operation' AS subject_kind,
  coalesce(d.leaf_service || ': ', '') || d.leaf_operation AS subject_id, d.first_ns AS start_ns, d.last_ns AS end_ns,
  NULL AS gain_ms,
  coalesce(d.leaf_service || ': ', '') || d.leaf_operation AS leaf, d.leaf_service AS service, d.levels, d.attempts,
  d.retries, 100.0 * d.retries / d.attempts AS retry_pct, d.leaf_attempts, round(d.requests_per_min) AS requests_per_min,
  CASE d.weighted WHEN 1 THEN ' (by sampling weights)' ELSE ' (as traced)' END AS weighted,
  round(d.requests_per_min * d.leaf_attempts) AS leaf_per_min,
  d.traces, d.trace_id AS example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = d.trace_id) AS example_span_id
FROM deep AS d
WHERE d.place = 1 AND d.leaf_attempts >= :w
ORDER BY d.leaf_attempts DESC, subject_id LIMIT 50
