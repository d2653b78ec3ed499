-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.2: keeping long recordings small.

-- What sessions did in a minute that is kept no longer by the second; columns as in the view.
CREATE TABLE session_minute_raw (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, server_id INTEGER, ts_ns INTEGER, state_id, wait_event_type_id,
  wait_event_id, backend_type_id, db_id, user_id, application_id, query_id INTEGER, statement_id INTEGER,
  samples INTEGER, moments INTEGER);
CREATE INDEX session_minute_raw_time ON session_minute_raw (ts_ns);
CREATE INDEX session_minute_raw_statement ON session_minute_raw (statement_id) WHERE statement_id IS NOT NULL;

-- recording_retention: how far the samples of a recording were thinned. id; source_id; rolled_until_ns: what lies before is
-- kept as minutes: sessions in session_minute, of counters the last value of each minute and both sides of a reset, of
-- gauges the smallest, largest and last value, of replicas, slots, pools, lock waits and xmin holders the worst and the
-- last row; removed_until_ns: what lies before is gone, NULL = nothing is (of statements the state at that moment stays,
-- so that differences from there on are right); rows_removed: rows that are no longer there.
CREATE TABLE recording_retention (
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL UNIQUE, rolled_until_ns INTEGER, removed_until_ns INTEGER,
  rows_removed INTEGER NOT NULL);

-- Thinning goes by time.
CREATE INDEX slot_sample_raw_time ON slot_sample_raw (ts_ns);
CREATE INDEX table_sample_raw_time ON table_sample_raw (ts_ns);
CREATE INDEX index_sample_raw_time ON index_sample_raw (ts_ns);
