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

-- lag_verdict, continued. scope: all (the whole time of a replica; verdict is that of its end) or episode (a stretch with
-- 5 s of lag or more, from where it left 1 s to where it was back; or a stretch without a link, paused, delayed on
-- purpose, or with the idle-primary artefact). verdict: current, idle (caught up; only the clock formula grows), behind,
-- growing (between 0 and 0.95 s per s), stalled (0.95 s per s and more), catching_up, paused, delayed, disconnected,
-- unknown. cause: network, replica_disk, apply, query, pause, delay, link, idle; NULL = nothing to explain or unknown.
-- lag_ms: the last one in scope, with the idle guard; lag_bytes: bytes behind then. n: samples with a known lag, unknown: without.
-- p50_ms .. p99_ms: nearest rank over the n; max_ms at max_ns. over_10s_ns, over_60s_ns: where the line between samples
-- crosses. slope: s of lag per s while it rises; fall_slope: while it falls. stage_share: of stage in the bytes behind,
-- 0..1, and unsent_bytes .. unreplayed_bytes: all at the moment with most bytes behind. wal_rate, apply_rate: bytes/s
-- written and replayed while it rises. catch_up_s: from max_ns at the measured rates; recovered_ns: where it was back
-- (disconnected: where its link was);
-- NULL = not in the data. raw_age_ms: the most the clock formula says. link_age_ms: the longest silence.
-- apply_delay_ms: as set. switches: how often a position went backwards (another timeline). correlation: of the lag with
-- the mean of the other replicas of the server. primary_view: 1 = seen from the primary, 0 = from the standby itself.
-- session_*: the session on the replica whose age follows the lag within 20 %: session_matches of its samples do.
ALTER TABLE lag_verdict ADD COLUMN scope TEXT;
ALTER TABLE lag_verdict ADD COLUMN n INTEGER;
ALTER TABLE lag_verdict ADD COLUMN unknown INTEGER;
ALTER TABLE lag_verdict ADD COLUMN p50_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN p95_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN p99_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN max_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN max_ns INTEGER;
ALTER TABLE lag_verdict ADD COLUMN over_10s_ns INTEGER;
ALTER TABLE lag_verdict ADD COLUMN over_60s_ns INTEGER;
ALTER TABLE lag_verdict ADD COLUMN slope REAL;
ALTER TABLE lag_verdict ADD COLUMN fall_slope REAL;
ALTER TABLE lag_verdict ADD COLUMN stage_share REAL;
ALTER TABLE lag_verdict ADD COLUMN unsent_bytes INTEGER;
ALTER TABLE lag_verdict ADD COLUMN unwritten_bytes INTEGER;
ALTER TABLE lag_verdict ADD COLUMN unflushed_bytes INTEGER;
ALTER TABLE lag_verdict ADD COLUMN unreplayed_bytes INTEGER;
ALTER TABLE lag_verdict ADD COLUMN wal_rate REAL;
ALTER TABLE lag_verdict ADD COLUMN apply_rate REAL;
ALTER TABLE lag_verdict ADD COLUMN recovered_ns INTEGER;
ALTER TABLE lag_verdict ADD COLUMN raw_age_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN link_age_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN apply_delay_ms REAL;
ALTER TABLE lag_verdict ADD COLUMN switches INTEGER;
ALTER TABLE lag_verdict ADD COLUMN correlation REAL;
ALTER TABLE lag_verdict ADD COLUMN primary_view INTEGER;
ALTER TABLE lag_verdict ADD COLUMN session_pid INTEGER;
ALTER TABLE lag_verdict ADD COLUMN session_start_ns INTEGER;
ALTER TABLE lag_verdict ADD COLUMN session_application TEXT;
ALTER TABLE lag_verdict ADD COLUMN session_user TEXT;
ALTER TABLE lag_verdict ADD COLUMN session_query TEXT;
ALTER TABLE lag_verdict ADD COLUMN session_matches INTEGER;
CREATE INDEX lag_verdict_replica ON lag_verdict (replica, scope);

-- How many reads of a replica would be stale, by the time between write and read. share: of the n samples with a lag above
-- think_ms, 0..1. stale_p50_ms, stale_p99_ms: by how much. origin: usual (20 ms, 100 ms, 500 ms, 1, 2, 5, 10, 60 s and 0)
-- or config (key think_time_ms of the replica or of its server).
CREATE TABLE stale_read (
  run_id INTEGER NOT NULL, server_id INTEGER, replica TEXT, think_ms REAL, origin TEXT, n INTEGER, share REAL,
  stale_p50_ms REAL, stale_p99_ms REAL);
CREATE INDEX stale_read_replica ON stale_read (replica);

-- What a consumer group does with a queue. scope: all (verdict is that of the end) or phase. verdict: idle, keeping_up,
-- growing, stopped (something waits and nothing is finished for five minutes), draining, unassigned (members own nothing),
-- unknown. start_ns, end_ns: of the phase; n: samples. partitions: seen; members, assigned: median of the phase (all: at
-- the end); members_before: median of the hour before it.
-- depth_first, depth_last, depth_max: items of all partitions; max_partition: the largest depth of one of them.
-- arrival_per_s, completion_per_s: of its counters, NULL = it has none; arrival_before_per_s, completion_before_per_s: of the
-- longest phase before it that kept up. growth_per_s: of the depth. drain_s: at these rates, 0 = empty, NULL = never.
-- last_progress_ns: when something was finished last. retention_s: of the queue; oldest_age_s: the oldest item, or how
-- long the position stands still; margin_s: what is left of the retention at the end. position: where the group stands.
-- same_as: another group of the queue whose name is equal without separators.
CREATE TABLE queue_verdict (
  run_id INTEGER NOT NULL, source_id INTEGER, queue TEXT, consumer_group TEXT, scope TEXT, verdict TEXT,
  start_ns INTEGER, end_ns INTEGER, n INTEGER, partitions INTEGER, members REAL, assigned REAL, members_before REAL,
  depth_first REAL, depth_last REAL, depth_max REAL, max_partition REAL, arrival_per_s REAL, completion_per_s REAL,
  arrival_before_per_s REAL, completion_before_per_s REAL, growth_per_s REAL, drain_s REAL, last_progress_ns INTEGER,
  retention_s REAL, oldest_age_s REAL, margin_s REAL, position INTEGER, same_as TEXT);
CREATE INDEX queue_verdict_queue ON queue_verdict (queue, consumer_group, scope);

-- When simple alarms on a queue would have fired first, each with the data up to then. alarm: unassigned,
-- no_progress_5min, lag_10000, throughput_half, growing_15min, growing_30min, lag_100000. first_ns: NULL = never.
CREATE TABLE queue_alarm (
  run_id INTEGER NOT NULL, source_id INTEGER, queue TEXT, consumer_group TEXT, alarm TEXT, first_ns INTEGER);
