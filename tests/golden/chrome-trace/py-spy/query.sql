-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT src.format, s.process, s.thread, s.operation, s.start_ns, s.duration_ns, s.self_ns, s.depth,
  (SELECT group_concat(a.key || '=' || a.value, ' ') FROM span_attribute AS a WHERE a.span_id = s.id) AS attributes
FROM span AS s JOIN source AS src ON src.id = s.source_id ORDER BY s.start_ns, s.depth
