-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: replicas and queues.

-- replica_sample and queue_sample, continued; columns as in the views.
ALTER TABLE replica_sample_raw ADD COLUMN current_position INTEGER;
ALTER TABLE replica_sample_raw ADD COLUMN receive_position INTEGER;
ALTER TABLE replica_sample_raw ADD COLUMN replay_age_ms REAL;
ALTER TABLE replica_sample_raw ADD COLUMN apply_delay_ms REAL;
ALTER TABLE replica_sample_raw ADD COLUMN timeline INTEGER;
ALTER TABLE replica_sample_raw ADD COLUMN client TEXT;
ALTER TABLE queue_sample_raw ADD COLUMN in_flight REAL;
ALTER TABLE queue_sample_raw ADD COLUMN delayed REAL;
ALTER TABLE queue_sample_raw ADD COLUMN failed REAL;
ALTER TABLE queue_sample_raw ADD COLUMN position INTEGER;
ALTER TABLE queue_sample_raw ADD COLUMN end_position INTEGER;
