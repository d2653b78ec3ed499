-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.metric, s.foreign_name, s.labels, s.unit, s.kind, count(p.value) AS n, min(p.ts_ns) AS first, min(p.value) AS least, max(p.value) AS most
FROM series AS s LEFT JOIN point AS p ON p.series_id = s.id GROUP BY s.id ORDER BY s.metric, s.labels
