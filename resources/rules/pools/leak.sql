-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "pool-leak"
version = 1
title = "Connections are taken and not returned"
headline = "{pool}: {per_hour} more in use each hour under the same load"
severity = "warning"
needs = ["pool"]
uses = ["sessions"]
rung = 3
summary = "The least number in use of {pool} rises by {per_hour} an hour and never falls back, while the load {load}. At that pace it is exhausted {exhausted}. A bigger pool only postpones the end."
cause = "Nobody closes it where an error is handled."
checks = [
  "Do load and number in use move together? No: leak, yes: size.",
  "Where were those taken that are out for longest?",
  "The rate of errors at each step.",
  "Sessions that are idle in a transaction.",
]
fix = """
1. Close in finally, or by a guard of the scope.
2. Turn the detection of leaks on (2 s in a test, 60 s in production).
3. A restart as a stopgap, after the evidence is kept."""
proof = "The least number in use is flat over a day."
risk = "None: nothing is changed."
refuse = "A larger pool."
quiet = "A number that follows the load; a pool that still fills after its start; less than an hour."
related = ["pool-exhausted-db-idle", "pool-idle-in-transaction", "pool-saturation"]

[thresholds]
t = { value = 60, unit = "min", source = "set here" }
least = { value = 0.5, unit = "an hour", source = "set here" }
soon = { value = 3600, unit = "s", source = "set here: until it is exhausted" }
*/
SELECT CASE WHEN v.leak_in_s <= :soon OR v.verdict = 'exhausted' THEN 'critical' ELSE 'warning' END AS severity,
  'pool' AS subject_kind, v.pool AS subject_id, v.start_ns, v.end_ns, NULL AS gain_ms,
  v.pool || coalesce(' (' || v.instance || ')', '') AS pool, round(v.leak_per_hour, 1) AS per_hour,
  CASE WHEN v.leak_correlation IS NULL THEN 'is unknown: a possible leak' ELSE 'does not (correlation ' || printf('%.2f', v.leak_correlation) || ')' END AS load,
  CASE WHEN v.leak_in_s IS NULL THEN 'nobody knows when: its size is unknown' WHEN v.leak_in_s < 1 THEN 'already' ELSE 'in ' || human_ms(v.leak_in_s * 1000) END AS exhausted, v.leak_in_s,
  v.ceiling_value AS limit_value, v.verdict, v.cause
FROM pool_verdict AS v
WHERE (v.leak_in_s IS NOT NULL OR v.cause = 'leak') AND v.leak_per_hour >= :least AND v.end_ns - v.start_ns >= :t * 60000000000
  AND (v.instance IS NOT NULL OR v.instances = 1 OR NOT EXISTS (SELECT 1 FROM pool_verdict AS o WHERE o.pool = v.pool
    AND o.kind = v.kind AND o.instance IS NOT NULL AND (o.leak_in_s IS NOT NULL OR o.cause = 'leak')))
ORDER BY v.leak_in_s, v.pool, v.instance LIMIT 50
