-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.format, p.name, f.function, c.depth, c.self_weight, c.total_weight FROM call_node AS c JOIN profile AS p ON p.id = c.profile_id
JOIN frame AS f ON f.id = c.frame_id JOIN source AS s ON s.id = p.source_id ORDER BY p.name, c.id
