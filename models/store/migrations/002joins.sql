-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: lines of logs that name their request, and what belongs together over several sources.

-- service_id, instance_id, logger_id: as text columns elsewhere. trace_key, span_key: as in span_raw and trace_raw.
ALTER TABLE log_entry_raw ADD COLUMN service_id;
ALTER TABLE log_entry_raw ADD COLUMN instance_id;
ALTER TABLE log_entry_raw ADD COLUMN logger_id;
ALTER TABLE log_entry_raw ADD COLUMN trace_key;
ALTER TABLE log_entry_raw ADD COLUMN span_key;
ALTER TABLE log_entry_raw ADD COLUMN resource_set INTEGER;
ALTER TABLE log_entry_raw ADD COLUMN attributes TEXT;
CREATE INDEX log_entry_raw_trace ON log_entry_raw (trace_key) WHERE trace_key IS NOT NULL;

-- What belongs to a span, found by a key that both name. span_id: span.id. kind: how it was found: trace_id (the line
-- names its trace and span), traceparent (a comment in SQL or a text names them), request_id (a key of the list of
-- correlation keys), query_id. target_kind: log, plan, statement, span (the same trace or request in another source).
-- target_id: id in log_entry, plan, statement or span. key: the key and its value ("request_id=42").
CREATE TABLE span_join (
  run_id INTEGER NOT NULL, span_id INTEGER, kind TEXT, target_kind TEXT, target_id INTEGER, key TEXT);
CREATE INDEX span_join_span ON span_join (span_id);
CREATE INDEX span_join_target ON span_join (target_kind, target_id);
