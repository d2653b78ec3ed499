-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT a.operation AS span, b.operation AS linked, l.derived FROM span_link AS l JOIN span AS a ON a.id = l.span_id LEFT JOIN span AS b ON b.id = l.linked_span_id ORDER BY a.id, b.id
