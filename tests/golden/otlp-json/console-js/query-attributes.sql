-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.operation, a.scope, a.key, a.value FROM span_attribute AS a JOIN span AS s ON s.id = a.span_id ORDER BY s.id, a.scope, a.key
