-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT r.name, r.tool, r.kind, r.start_ns, r.end_ns, r.parameters, s.clock, s.timezone
FROM run AS r JOIN source AS s ON s.id = r.source_id ORDER BY r.id
