-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT trace_key, service, operation, start_ns, duration_ns, span_count, error_count FROM trace ORDER BY trace_key
