-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT name, kind, sample_type, unit, start_ns, duration_ns, sample_count, total_weight FROM profile ORDER BY name
