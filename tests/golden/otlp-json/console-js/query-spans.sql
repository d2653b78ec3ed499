-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.id, t.trace_key, s.span_key, p.span_key AS parent_key, s.service, s.instance, s.operation, s.kind, s.status, s.http_status, s.start_ns,
  s.duration_ns, s.self_ns, s.depth, s.quality
FROM span AS s LEFT JOIN trace AS t ON t.id = s.trace_id LEFT JOIN span AS p ON p.id = s.parent_id ORDER BY s.id
