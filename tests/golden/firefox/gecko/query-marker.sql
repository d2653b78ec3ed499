-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT 'span' AS what, process, thread, operation, start_ns, duration_ns, depth, quality,
  (SELECT group_concat(a.key || '=' || a.value, ' ') FROM span_attribute AS a WHERE a.span_id = s.id) AS attributes FROM span AS s
UNION ALL SELECT 'event', NULL, NULL, name, ts_ns, NULL, NULL, NULL, NULL FROM span_event
UNION ALL SELECT kind, NULL, NULL, title, ts_ns, end_ns - ts_ns, NULL, NULL, NULL FROM event ORDER BY what, start_ns, operation
