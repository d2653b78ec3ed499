-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT t.trace_key, s.depth, s.thread, s.instance, s.operation, s.kind, s.status, s.http_status, s.start_ns, s.duration_ns, s.self_ns
FROM span AS s JOIN trace AS t ON t.id = s.trace_id ORDER BY t.trace_key, s.start_ns, s.depth, s.id
