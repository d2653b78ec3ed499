-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.format, s.clock, s.rows_read, s.rows_skipped, p.name, p.kind, p.sample_type, p.unit, p.period, p.start_ns,
  p.duration_ns, p.sample_count, p.total_weight
FROM profile AS p JOIN source AS s ON s.id = p.source_id ORDER BY p.name
