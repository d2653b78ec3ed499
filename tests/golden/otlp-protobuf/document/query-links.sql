-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.operation, l.linked_trace_key, l.linked_span_key FROM span_link AS l JOIN span AS s ON s.id = l.span_id ORDER BY l.id
