-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Indexes that wait until rows are in (createReadyIndexes()): sorting once is several times cheaper than keeping them
-- up to date row by row. Views are right without them, only slower. One statement a line.
CREATE INDEX IF NOT EXISTS span_raw_trace ON span_raw (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS span_calc_parent ON span_calc (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS trace_raw_key ON trace_raw (trace_key);
CREATE INDEX IF NOT EXISTS span_event_raw_span ON span_event_raw (span_id) WHERE span_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS span_link_raw_span ON span_link_raw (span_id);
CREATE INDEX IF NOT EXISTS span_link_raw_linked ON span_link_raw (linked_span_id) WHERE linked_span_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS sample_raw_profile ON sample_raw (profile_id, ts_ns);
CREATE INDEX IF NOT EXISTS call_node_raw_parent ON call_node_raw (profile_id, parent_id);
CREATE INDEX IF NOT EXISTS point_raw_series ON point_raw (series_id, ts_ns);
CREATE INDEX IF NOT EXISTS histogram_point_raw_series ON histogram_point_raw (series_id, ts_ns);
