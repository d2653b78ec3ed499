-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "loadtest-gate"
version = 1
title = "Load test misses its limits"
headline = "{what}: {value} against {limit}"
severity = "critical"
needs = ["runs"]
rung = 2
summary = "{run}: {what} in {phase} is {value}, the limit is {limit}. {note}"
cause = "A regression, or the end of a capacity."
checks = [
  "Which resource was full first? (Resources, Pools, Series over the time of the phase)",
  "P99 too, never the mean.",
  "Hit ratio of the caches, CPU and connections of the database.",
]
fix = """
1. What the rule on the bottleneck says."""
proof = "The same test passes."
risk = "None: the advice changes no system."
refuse = "Raising the limit until the test passes; judging by the mean."
quiet = "Ramps and spikes; tests whose tool states thresholds are judged by those; a P95 equal to the limit passes."
related = ["loadtest-not-representative", "loadtest-omission"]

[thresholds]
p = { value = 500, unit = "ms", source = "common gate: P95" }
f = { value = 0.01, unit = "share", source = "common gate: failures" }
n = { value = 20, unit = "requests", source = "set here" }
grow = { value = 0.1, unit = "share", source = "set here: growth of memory over a steady phase" }
*/
WITH stated AS (
  SELECT r.id, json_array_length(r.parameters, '$.thresholds') AS thresholds
  FROM run AS r WHERE r.kind = 'load_test' AND json_valid(r.parameters)
), phases AS (
  -- The whole run is judged only where no phase is known.
  SELECT p.*, v.name AS run, coalesce(s.thresholds, 0) AS thresholds,
    max(p.kind <> 'whole') OVER (PARTITION BY p.load_run_id) AS has_phases
  FROM load_phase AS p JOIN load_verdict AS v ON v.load_run_id = p.load_run_id
    LEFT JOIN stated AS s ON s.id = p.load_run_id
  WHERE p.is_steady = 1
), judged AS (
  SELECT p.*, coalesce(p.run, 'load test') AS title FROM phases AS p WHERE p.kind <> 'whole' OR p.has_phases = 0
), misses AS (
  SELECT j.load_run_id, j.title, j.name AS phase, j.start_ns, j.end_ns, 'P95' AS what,
    printf('%.6g ms', j.p95_ms) AS value, printf('%.6g ms', :p) AS "limit", j.p95_ms / :p AS over_x,
    printf('P99 %.6g ms, %,d requests.', j.p99_ms, j.requests) AS note
  FROM judged AS j WHERE j.thresholds = 0 AND j.requests >= :n AND j.p95_ms > :p
  UNION ALL
  SELECT j.load_run_id, j.title, j.name, j.start_ns, j.end_ns, 'failed requests',
    printf('%.3g %%', 100.0 * j.error_share), printf('%.3g %%', 100.0 * :f), j.error_share / :f,
    printf('%,d of %,d failed.', j.errors, j.requests)
  FROM judged AS j WHERE j.thresholds = 0 AND j.requests >= :n AND j.error_share >= :f
  UNION ALL
  SELECT r.id, coalesce(r.name, 'load test'), 'the whole run', r.start_ns, r.end_ns,
    json_extract(t.value, '$.metric'), 'not met', json_extract(t.value, '$.expression'), 1, 'The threshold is the tool''s own.'
  FROM run AS r, json_each(r.parameters, '$.thresholds') AS t
  WHERE r.kind = 'load_test' AND json_valid(r.parameters) AND t.type = 'object' AND json_extract(t.value, '$.ok') = 0
  UNION ALL
  SELECT s.load_run_id, coalesce(v.name, 'load test'), 'the longest steady phase', s.start_ns, s.end_ns,
    'growth of ' || s.measure, printf('%.3g %% in %.3g h', 100.0 * s.relative, s.hours),
    printf('%.3g %%', 100.0 * :grow), s.relative / :grow,
    'Theil-Sen, its 95 % interval is above 0: it does not settle.'
  FROM load_slope AS s JOIN load_verdict AS v ON v.load_run_id = s.load_run_id
  WHERE s.measure <> 'p95_ms' AND s.lower > 0 AND s.relative >= :grow AND s.hours >= 1
)
SELECT 'critical' AS severity, 'run' AS subject_kind, m.load_run_id AS subject_id, m.start_ns, m.end_ns, NULL AS gain_ms,
  m.title AS run, m.what, m.value, m."limit", m.phase, m.over_x, m.note
FROM misses AS m ORDER BY m.load_run_id, m.over_x DESC LIMIT 100
