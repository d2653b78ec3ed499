-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT 'issue' AS what, kind, count, first_offset AS place FROM import_issue
UNION ALL SELECT 'reject', kind, length, offset FROM import_reject
UNION ALL SELECT 'event', name, span_id, ts_ns FROM span_event
UNION ALL SELECT 'link', linked_trace_key, span_id, linked_span_key FROM span_link ORDER BY what, kind, place
