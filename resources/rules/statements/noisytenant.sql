-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "stmt-noisy-tenant"
version = 1
title = "One tenant uses most of a shared resource"
headline = "{key} {tenant} causes {share_pct} of the time of the database"
severity = "critical"
needs = ["stmts"]
uses = ["traces", "log"]
rung = 6
summary = "{key} {tenant} causes {share_pct} of the time of the statements that carry this mark ({total_ms}), one of {tenants}; an even part would be {even_pct}. Most of it in {statement}. The mark comes from the comments in the statements; whether the others are slower for it is for their P99 to say."
cause = "A missing index, a batch, or the plain size of one tenant."
checks = [
  "Its dearest statements: is an index missing?",
  "Is it bound to a time of the day (a nightly job)?",
  "P99 of the other tenants, against their usual one.",
]
fix = """
1. The index that its statements miss (it cut 70 to 90 % of the reads in known cases).
2. ALTER ROLE <its role> SET statement_timeout = '10s';
3. A part of the pool of its own.
4. A replica, a partition or a tier of its own."""
proof = "Its share, and P99 of the others."
risk = "That tenant gets slower."
refuse = "Sizing everything for the largest tenant."
quiet = "Less than 40 % of the time, fewer than three tenants, marks on less than 80 % of the load; a large tenant that slows nobody down."
related = ["stmt-hot-key-skew"]

[thresholds]
w = { value = 0.4, unit = "share", source = "set here" }
c = { value = 0.6, unit = "share", source = "common examples: 0.6, 0.85" }
p = { value = 2, unit = "factor", source = "set here: times the even part" }
tagged = { value = 0.8, unit = "share", source = "set here: of the load must carry the mark" }
*/
WITH marks AS (
  SELECT g.origin, g.key, g.value, sum(g.total_ms) AS total_ms, sum(g.calls) AS calls
  FROM statement_tag AS g
  WHERE lower(g.key) IN ('tenant', 'tenant_id', 'tenantid', 'customer', 'customer_id', 'account', 'account_id', 'org',
    'org_id', 'organization', 'organization_id', 'organisation_id', 'workspace_id', 'shop_id', 'client_id')
  GROUP BY g.origin, g.key, g.value
), summed AS (
  SELECT m.*, sum(m.total_ms) OVER (PARTITION BY m.origin, m.key) AS all_ms,
    count(*) OVER (PARTITION BY m.origin, m.key) AS tenants,
    (SELECT sum(t.total_ms) FROM statement_stat AS t WHERE t.origin = m.origin) AS load_ms,
    (SELECT min(t.first_ns) FROM statement_stat AS t WHERE t.origin = m.origin) AS first_ns,
    (SELECT max(t.last_ns) FROM statement_stat AS t WHERE t.origin = m.origin) AS last_ns
  FROM marks AS m WHERE m.total_ms > 0
)
SELECT CASE WHEN m.total_ms >= :c * m.all_ms THEN 'critical' ELSE 'warning' END AS severity,
  'tenant' AS subject_kind, m.value AS subject_id, m.first_ns AS start_ns, m.last_ns AS end_ns, NULL AS gain_ms,
  m.key, m.value AS tenant, 100.0 * m.total_ms / m.all_ms AS share_pct, m.total_ms, m.calls, m.tenants,
  100.0 / m.tenants AS even_pct, m.origin,
  (SELECT substr(replace(replace(coalesce(s.normalized, s.text), char(10), ' '), '  ', ' '), 1, 90) FROM statement_tag AS g JOIN statement AS s ON s.id = g.statement_id
    WHERE g.origin = m.origin AND g.key = m.key AND g.value = m.value ORDER BY g.total_ms DESC LIMIT 1) AS statement,
  0.4 AS doubt
FROM summed AS m
WHERE m.total_ms >= :w * m.all_ms AND m.tenants >= 3 AND m.total_ms * m.tenants >= :p * m.all_ms
  AND m.all_ms >= :tagged * m.load_ms
ORDER BY m.total_ms / m.all_ms DESC, m.key, m.value
