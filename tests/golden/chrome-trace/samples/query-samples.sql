-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT p.name, s.ts_ns, s.thread, s.state, s.weight FROM sample AS s JOIN profile AS p ON p.id = s.profile_id ORDER BY p.name, s.ts_ns
