-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.operation, e.ts_ns, e.name, e.attributes FROM span_event AS e JOIN span AS s ON s.id = e.span_id ORDER BY e.id
