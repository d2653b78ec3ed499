-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT l.message, s.operation FROM log_entry AS l JOIN trace AS t ON t.trace_key = l.trace_key
LEFT JOIN span AS s ON s.trace_id = t.id AND s.span_key = l.span_key ORDER BY l.id
