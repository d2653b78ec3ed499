-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-settings-changed"
version = 1
title = "Planner settings differ from the default"
headline = "Planned with {changed}"
severity = "info"
needs = ["plan"]
rung = 0
summary = "The plan was made with settings that are not the default: {changed}. {switches}"
cause = "A session, role, database or server that sets planner options."
checks = [
  "Does the application use the same settings? A plan taken with others tells nothing about it.",
  "Where do they come from: SET, ALTER ROLE, ALTER DATABASE, postgresql.conf?",
]
fix = """
1. Take the plan again with the settings of the application.
2. RESET what was only set for a test."""
proof = "No Settings line, or the same one as in the application."
risk = "Another plan for this statement: that is what is to be seen."
refuse = "Keeping enable_* switches off as a cure."
quiet = "Plans without a Settings line (SETTINGS was not asked for, or nothing differs); settings that do not change plans."
related = ["plan-disabled-node", "plan-cost-settings"]

[thresholds]
most = { value = 12, unit = "settings", source = "set here" }
*/
WITH changed AS (
  SELECT p.id, group_concat(s.key || ' = ' || s.value, ', ') AS changed, count(*) AS n,
    max(s.key LIKE 'enable\_%' ESCAPE '\' AND s.value = 'off') AS is_off
  FROM plan AS p, json_each(p.settings) AS s
  WHERE coalesce(p.engine, 'postgresql') = 'postgresql' AND json_valid(p.settings)
    AND json_type(p.settings) = 'object'
    AND (s.key LIKE 'enable\_%' ESCAPE '\' OR s.key LIKE '%\_cost' ESCAPE '\' OR s.key LIKE 'jit%'
      OR s.key LIKE '%parallel%'
      OR s.key LIKE '%work_mem%' OR s.key LIKE '%collapse_limit' OR s.key LIKE 'geqo%'
      OR s.key IN ('effective_cache_size', 'hash_mem_multiplier', 'plan_cache_mode', 'cursor_tuple_fraction',
        'default_statistics_target', 'constraint_exclusion', 'force_parallel_mode', 'debug_parallel_query'))
  GROUP BY p.id
)
SELECT 'info' AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns, p.captured_at_ns AS end_ns,
  NULL AS gain_ms,
  p.id AS plan_id, substr(c.changed, 1, 300) AS changed, c.n AS settings,
  CASE WHEN c.is_off THEN 'An enable_ switch is off, so this is not the plan that the planner would choose.'
    ELSE '' END AS switches
FROM changed AS c CROSS JOIN plan AS p ON p.id = c.id
WHERE c.n <= :most OR c.is_off
ORDER BY p.id
