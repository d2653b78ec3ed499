-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.depth, s.operation, s.kind, s.status, s.http_status, s.start_ns, s.duration_ns,
  (SELECT group_concat(a.key || '=' || a.value, ' ') FROM (SELECT key, value FROM span_attribute WHERE span_id = s.id ORDER BY key) AS a) AS attributes
FROM span AS s ORDER BY s.start_ns, s.duration_ns DESC, s.id LIMIT 20
