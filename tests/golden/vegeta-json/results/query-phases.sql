-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
SELECT run_id, position, name, kind, start_ns, end_ns, rate, users, requests, errors, min_ms, mean_ms, p50_ms, p90_ms,
  p95_ms, p99_ms, max_ms, extra
FROM run_phase ORDER BY run_id, position
