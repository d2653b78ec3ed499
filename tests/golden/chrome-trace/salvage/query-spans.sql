-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.id, s.process, s.thread, s.operation, s.category, s.kind, s.start_ns, s.duration_ns, s.self_ns, s.depth, p.operation AS parent,
  s.lane, s.quality
FROM span AS s LEFT JOIN span AS p ON p.id = s.parent_id
ORDER BY s.id
