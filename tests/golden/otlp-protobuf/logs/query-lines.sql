-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT l.id, l.ts_ns, l.service, l.instance, l.logger, l.severity, l.kind, l.message, l.trace_key, l.span_key, s.text AS statement
FROM log_entry AS l LEFT JOIN statement AS s ON s.id = l.statement_id ORDER BY l.id
