-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
/*
id = "plan-serialization"
version = 1
title = "Turning the result into text takes long"
headline = "The result of {output_kb} takes {serialize_ms} to serialize"
severity = "info"
needs = ["plan+"]
rung = 5
summary = "Converting the result ({output_kb}) for the client took {serialize_ms}, {share_pct} of the execution. EXPLAIN without SERIALIZE does not show this part."
cause = "Many or large columns: documents and long texts are fetched from TOAST and decompressed here."
checks = [
  "Which of the columns does the program use?",
  "Would the binary format do?",
]
fix = """
1. Fewer and lighter columns.
2. Pages of rows instead of everything at once."""
proof = "Serialization time and output volume fall."
risk = "A second statement when the large columns are wanted after all."
refuse = "A faster network as the first step."
quiet = "Less than a fifth of the execution and less than 10 MB; plans without SERIALIZE."
related = ["plan-wide-rows", "plan-scan-without-limit"]

[thresholds]
share_w = { value = 0.2, unit = "share", source = "set here" }
kb_w = { value = 10240, unit = "kB", source = "set here" }
time_i = { value = 10, unit = "ms", source = "set here: faster statements are not worth a change" }
*/
WITH plans AS MATERIALIZED (
  SELECT p.id, p.captured_at_ns, CASE WHEN json_valid(p.extra) THEN json_extract(p.extra,
    '$.Serialization.Time') END AS serialize_ms,
    CASE WHEN json_valid(p.extra) THEN json_extract(p.extra, '$.Serialization."Output Volume"') END AS output_kb,
      coalesce(p.execution_ms,
    (SELECT r.total_ms * r.loops FROM plan_node AS r WHERE r.plan_id = p.id AND r.node = 0)) AS execution_ms
  FROM plan AS p WHERE coalesce(p.engine, 'postgresql') = 'postgresql'
)
SELECT CASE WHEN p.serialize_ms >= 100 THEN 'warning' ELSE 'info' END AS severity,
  'plan' AS subject_kind, p.id AS subject_id, p.captured_at_ns AS start_ns,
  p.captured_at_ns AS end_ns,
  p.serialize_ms AS gain_ms,
  p.id AS plan_id, p.serialize_ms, p.output_kb, p.execution_ms, min(100.0,
    100.0 * p.serialize_ms / p.execution_ms) AS share_pct
FROM plans AS p
WHERE p.serialize_ms >= :time_i AND (p.serialize_ms >= :share_w * p.execution_ms OR p.output_kb >= :kb_w)
ORDER BY p.serialize_ms DESC, p.id
