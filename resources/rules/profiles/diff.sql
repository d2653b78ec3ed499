-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "profile-diff"
version = 1
title = "A function grew between two profiles"
headline = "{frame} went from {before_pct} to {after_pct}"
severity = "info"
needs = ["profile"]
rung = 3
summary = "{frame} has {before_pct} of {before_profile} and {after_pct} of {after_profile} by itself ({growth})."
cause = "A change between the two: a release, a setting, other data."
checks = [
  "Were both taken under the same load, with the same kind of profiler?",
  "Is there a marker of a release or a setting between them?",
  "Was a function inlined, split or renamed? Then another one fell by as much.",
]
fix = "1. Look at the change that touches this function: the flame difference shows where it is called."
proof = "A third profile after the change: the difference is gone."
risk = "None: nothing is changed yet."
refuse = "Raw sample counts of recordings of different length."
quiet = "Fewer than 1,000 samples on a side, other sampling intervals, differences that chance explains."
related = ["profile-hot-function", "profile-quality"]

[thresholds]
w = { value = 0.03, unit = "share", source = "set here: three points" }
c = { value = 0.10, unit = "share", source = "set here: ten points" }
z2 = { value = 6.635, unit = "chi square", source = "two proportions, p = 0.01" }
g = { value = 0.2, unit = "share", source = "set here: growth of a type or allocation site" }
n = { value = 1000, unit = "samples", source = "set here" }
*/
WITH pair AS MATERIALIZED (
  SELECT b.id AS after_id, b.name AS after_name, b.kind, b.unit, b.sample_count AS after_n, b.total_weight AS after_w,
    b.start_ns, b.duration_ns, a.id AS before_id, a.name AS before_name, a.sample_count AS before_n,
    a.total_weight AS before_w
  FROM profile AS b JOIN profile AS a ON a.id = (
    SELECT c.id FROM profile AS c
    WHERE c.id < b.id AND c.kind = b.kind AND c.unit = b.unit AND c.sample_type IS b.sample_type
      AND (c.period IS b.period) AND (c.source_id <> b.source_id OR c.name LIKE '%before' AND b.name LIKE '%after')
    ORDER BY c.id DESC LIMIT 1)
  WHERE a.total_weight > 0 AND b.total_weight > 0
), grown AS MATERIALIZED (
  SELECT p.*, f.function, f.module, f.self_share AS after_share, f.self_weight AS after_self,
    coalesce(g.self_share, 0) AS before_share, coalesce(g.self_weight, 0) AS before_self
  FROM pair AS p CROSS JOIN function_stat AS f ON f.profile_id = p.after_id
  LEFT JOIN function_stat AS g ON g.profile_id = p.before_id AND g.function = f.function AND g.module IS f.module
  WHERE f.self_share >= :w AND coalesce(f.category, '') <> 'idle'
), judged AS (
  SELECT g.*, (g.after_share * g.after_n + g.before_share * g.before_n) / (g.after_n + g.before_n) AS pooled
  FROM grown AS g
)
SELECT CASE WHEN j.kind <> 'alloc' AND j.after_share - j.before_share >= :c THEN 'warning'
    WHEN j.kind = 'alloc' AND j.after_self >= 2 * j.before_self THEN 'warning' ELSE 'info' END AS severity,
  'function' AS subject_kind, j.function AS subject_id, j.start_ns, j.start_ns + j.duration_ns AS end_ns,
  NULL AS gain_ms,
  j.function AS frame, j.module, j.before_name AS before_profile, j.after_name AS after_profile,
  100.0 * j.before_share AS before_pct, 100.0 * j.after_share AS after_pct,
  CASE WHEN j.before_self = 0 THEN 'new' WHEN j.kind = 'alloc'
    THEN printf('%+.0f %% in %s', 100.0 * (j.after_self - j.before_self) / j.before_self, j.unit)
    ELSE printf('%+.1f points', 100.0 * (j.after_share - j.before_share)) END AS growth,
  j.before_id AS before_profile_id, j.after_id AS after_profile_id, j.before_n AS before_samples,
  j.after_n AS after_samples
FROM judged AS j
WHERE j.kind <> 'alloc' AND j.before_n >= :n AND j.after_n >= :n AND j.after_share - j.before_share >= :w
    AND (j.after_share - j.before_share) * (j.after_share - j.before_share)
      >= :z2 * j.pooled * (1 - j.pooled) * (1.0 / j.after_n + 1.0 / j.before_n)
  OR j.kind = 'alloc' AND j.after_self >= (1 + :g) * j.before_self AND j.after_self > j.before_self
ORDER BY j.after_share - j.before_share DESC, j.function
LIMIT 20
