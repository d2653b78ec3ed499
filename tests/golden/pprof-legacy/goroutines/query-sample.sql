-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT p.name, f.function, s.ts_ns, s.thread, s.weight, s.count FROM sample AS s JOIN profile AS p ON p.id = s.profile_id
JOIN call_node AS c ON c.id = s.call_node_id JOIN frame AS f ON f.id = c.frame_id ORDER BY p.name, s.id
