-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.2: sessions, waits and locks as derived from samples.

-- A moment of one server is read by these.
CREATE INDEX session_sample_raw_server ON session_sample_raw (server_id, ts_ns);
CREATE INDEX lock_edge_raw_server ON lock_edge_raw (server_id, ts_ns);

-- lock_root, continued: one row an episode, the time in which one session held up others without a break, from sampled
-- locks (those of server logs are in lock_edge only). server_id: of its first sample. ts_ns, end_ns: first and last
-- sample in which it did. samples: how many. root_pid: waits for nobody; is_cycle: 1 = it is the smallest number of a
-- circle instead. victims: the most sessions at once that waited for it, directly or not, at worst_ns; victims_total:
-- distinct ones over the episode. depth: longest chain below it. waited_ms: the longest single wait seen;
-- waited_total_ms: waiting of all victims together, each sample counted until the next one. state, application, user,
-- db, statement_id, xact_start_ns, state_change_ns, backend_start_ns: of the root at worst_ns, NULL = not in the data.
-- lock_type, mode, granted_mode, relation: of the longest wait for it.
ALTER TABLE lock_root ADD COLUMN end_ns INTEGER;
ALTER TABLE lock_root ADD COLUMN samples INTEGER;
ALTER TABLE lock_root ADD COLUMN is_cycle INTEGER;
ALTER TABLE lock_root ADD COLUMN worst_ns INTEGER;
ALTER TABLE lock_root ADD COLUMN victims_total INTEGER;
ALTER TABLE lock_root ADD COLUMN waited_total_ms REAL;
ALTER TABLE lock_root ADD COLUMN application TEXT;
ALTER TABLE lock_root ADD COLUMN user TEXT;
ALTER TABLE lock_root ADD COLUMN db TEXT;
ALTER TABLE lock_root ADD COLUMN xact_start_ns INTEGER;
ALTER TABLE lock_root ADD COLUMN state_change_ns INTEGER;
ALTER TABLE lock_root ADD COLUMN backend_start_ns INTEGER;
ALTER TABLE lock_root ADD COLUMN lock_type TEXT;
ALTER TABLE lock_root ADD COLUMN mode TEXT;
ALTER TABLE lock_root ADD COLUMN granted_mode TEXT;
ALTER TABLE lock_root ADD COLUMN relation TEXT;
