-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT s.metric, s.labels, s.kind, p.ts_ns, p.value FROM point AS p JOIN series AS s ON s.id = p.series_id ORDER BY s.metric, p.ts_ns
