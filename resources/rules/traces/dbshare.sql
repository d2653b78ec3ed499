-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "trace-db-share"
version = 1
title = "Most of the request is database time"
headline = "{endpoint}: {share_pct} of the time is in the database"
severity = "info"
needs = ["traces"]
rung = 3
summary = "In {traces} of {examined} examined traces of {endpoint}, {db_ms} of {request_ms} ({share_pct}) pass while at least one of its statements runs ({per_request} a request). Plans and statements come before anything else."
cause = "The work is in the statements, or in their number."
checks = [
  "Many short statements, or few long ones?",
  "Is waiting for a connection counted in?",
]
fix = "1. Follow the findings about statements and plans."
proof = "The share falls."
risk = "None: nothing is changed."
refuse = "The database is slow: which statement, and why?"
quiet = "Less than 80 %, requests below 20 ms, fewer than 10 traces."
related = ["stmt-n-plus-one", "trace-sequential-independent"]

[thresholds]
share = { value = 0.8, unit = "share", source = "common guideline; 0.6 to 0.8 are usual" }
ms = { value = 20, unit = "ms", source = "set here" }
n = { value = 10, unit = "traces", source = "set here" }
*/
SELECT 'info' AS severity, 'operation' AS subject_kind,
  coalesce(s.endpoint_service || ': ', '') || s.endpoint_operation AS subject_id, NULL AS start_ns, NULL AS end_ns,
  NULL AS gain_ms,
  coalesce(s.endpoint_service || ': ', '') || s.endpoint_operation AS endpoint, s.traces, s.examined,
  100.0 * s.share AS share_pct, s.time_p50_ns / 1e6 AS db_ms, s.request_p50_ns / 1e6 AS request_ms,
  round(1.0 * s.calls / s.traces, 1) AS per_request, s.example_trace_id,
  (SELECT r.root_span_id FROM trace AS r WHERE r.id = s.example_trace_id) AS example_span_id
FROM endpoint_share AS s
WHERE s.kind = 'database' AND s.share >= :share AND s.request_p50_ns >= :ms * 1000000 AND s.traces >= :n
  AND 2 * s.traces >= s.examined
ORDER BY s.request_p50_ns DESC, endpoint LIMIT 50
