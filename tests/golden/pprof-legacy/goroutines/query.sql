-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT p.name, f.function, f.module, f.file, f.line, c.depth, c.self_weight, c.total_weight, c.sample_count
FROM call_node AS c JOIN profile AS p ON p.id = c.profile_id JOIN frame AS f ON f.id = c.frame_id ORDER BY p.name, c.id
