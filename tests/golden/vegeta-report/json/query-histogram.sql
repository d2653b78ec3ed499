-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.metric, s.labels, s.unit, h.ts_ns, h.upper_bound, h.count
FROM histogram_point AS h JOIN series AS s ON s.id = h.series_id ORDER BY s.id, h.ts_ns, h.upper_bound LIMIT 40
