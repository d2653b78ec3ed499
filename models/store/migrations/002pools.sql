-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- Schema 1.1: pools and their verdicts.

-- pool_sample, continued; columns as in the view.
ALTER TABLE pool_sample_raw ADD COLUMN wait_p95_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN clients REAL;
ALTER TABLE pool_sample_raw ADD COLUMN max_clients REAL;
ALTER TABLE pool_sample_raw ADD COLUMN wait_total_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN busy_total_ms REAL;
ALTER TABLE pool_sample_raw ADD COLUMN busy_includes_wait INTEGER;
ALTER TABLE pool_sample_raw ADD COLUMN extra TEXT;

-- pool_verdict, continued. One row for each pool and instance, and one for all instances of a pool together
-- (instance NULL), whose waits are those of the worst instance. kind: connection, thread, worker. instances: how many
-- together. verdict: as before. cause: none, cheap_queue (waiting is short), held (connections without work), leak,
-- slow_statements, demand (more arrivals than it can serve), database_busy, too_large, burst, unknown. server: the one
-- it connects to. ceiling, ceiling_value: what limits it, by name, and how many connections that is.
-- service_ms: mean time held while it was at its ceiling, else of all time; usual_service_ms: before that.
-- utilisation: mean of active / ceiling over time; utilisation_max; busy_share: by counters of time held. busy70_ns,
-- busy90_ns, pinned_ns: when 70 %, 90 %, 95 % of the ceiling were first in use. above70_s, above90_s: the longest time
-- above without a break. saturated_s: longest time at the ceiling with requests waiting. throughput, arrival_rate: per second, nearest
-- rank P95 over the samples. demand: arrival_rate * service_ms, connections on average. deficit: arrivals per second
-- beyond throughput_cap. waiting_max: requests. wait_p50_ms .. wait_p99_ms: largest of the samples. wait_ms: mean by
-- counters. slow_wait_s: longest time with a wait P99 above 200 ms. reached_wait_ms: longest wait that an arrival had
-- ahead by the queue and the throughput. timeouts: counted; timeout_share: of the arrivals while there were any, median.
-- acquire_timeout_ms, client_timeout_ms: limits as configured. no_goodput_ns: arrivals from here on waited longer than
-- the client does; abandoned_share: of the arrivals. server_active, server_cpu, server_cores: of the database while it
-- was at its ceiling (statements, share 0..1). opened_per_s: new connections. clients_share: most client connections /
-- max_client_conn. idle_share: mean idle / (active + idle). leak_per_hour: slope of the floor of active ones;
-- leak_correlation: of active with the rate; leak_in_s: until it is exhausted.
ALTER TABLE pool_verdict ADD COLUMN kind TEXT;
ALTER TABLE pool_verdict ADD COLUMN instances INTEGER;
ALTER TABLE pool_verdict ADD COLUMN cause TEXT;
ALTER TABLE pool_verdict ADD COLUMN server TEXT;
ALTER TABLE pool_verdict ADD COLUMN ceiling TEXT;
ALTER TABLE pool_verdict ADD COLUMN ceiling_value REAL;
ALTER TABLE pool_verdict ADD COLUMN utilisation_max REAL;
ALTER TABLE pool_verdict ADD COLUMN busy_share REAL;
ALTER TABLE pool_verdict ADD COLUMN busy70_ns INTEGER;
ALTER TABLE pool_verdict ADD COLUMN busy90_ns INTEGER;
ALTER TABLE pool_verdict ADD COLUMN pinned_ns INTEGER;
ALTER TABLE pool_verdict ADD COLUMN above70_s REAL;
ALTER TABLE pool_verdict ADD COLUMN above90_s REAL;
ALTER TABLE pool_verdict ADD COLUMN saturated_s REAL;
ALTER TABLE pool_verdict ADD COLUMN usual_service_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN throughput REAL;
ALTER TABLE pool_verdict ADD COLUMN arrival_rate REAL;
ALTER TABLE pool_verdict ADD COLUMN demand REAL;
ALTER TABLE pool_verdict ADD COLUMN deficit REAL;
ALTER TABLE pool_verdict ADD COLUMN waiting_max REAL;
ALTER TABLE pool_verdict ADD COLUMN wait_p50_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN wait_p95_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN wait_p99_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN slow_wait_s REAL;
ALTER TABLE pool_verdict ADD COLUMN reached_wait_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN timeouts REAL;
ALTER TABLE pool_verdict ADD COLUMN timeout_share REAL;
ALTER TABLE pool_verdict ADD COLUMN acquire_timeout_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN client_timeout_ms REAL;
ALTER TABLE pool_verdict ADD COLUMN no_goodput_ns INTEGER;
ALTER TABLE pool_verdict ADD COLUMN abandoned_share REAL;
ALTER TABLE pool_verdict ADD COLUMN server_active REAL;
ALTER TABLE pool_verdict ADD COLUMN server_cpu REAL;
ALTER TABLE pool_verdict ADD COLUMN server_cores REAL;
ALTER TABLE pool_verdict ADD COLUMN opened_per_s REAL;
ALTER TABLE pool_verdict ADD COLUMN clients_share REAL;
ALTER TABLE pool_verdict ADD COLUMN idle_share REAL;
ALTER TABLE pool_verdict ADD COLUMN leak_per_hour REAL;
ALTER TABLE pool_verdict ADD COLUMN leak_correlation REAL;
ALTER TABLE pool_verdict ADD COLUMN leak_in_s REAL;

-- Where a pool stays at a limit. what: connections, wait. name: of the limit ("max_connections of orders-db",
-- "acquire time-out"). value: connections or ms. start_ns, end_ns: of the longest time there; samples: in it.
CREATE TABLE pool_ceiling (
  run_id INTEGER NOT NULL, kind TEXT, pool TEXT, instance TEXT, what TEXT, name TEXT, value REAL, start_ns INTEGER,
  end_ns INTEGER, samples INTEGER);

-- All pools that configuration names against the connections of one server. source_id: the file; NULL = settings of
-- servers. pool: NULL in the row of all together; service: NULL where none is named. instances_max: that the autoscaler may start. size: of one
-- pool. demand = instances * workers * size; max_demand: with instances_max. usable = max_connections - reserved.
-- ratio, max_ratio: to usable. state: ok, above_margin (70 %), full, oversubscribed; of max_demand. budget, budget_80,
-- budget_70: size of one pool that fits with no, 20 %, 30 % left free at instances_max. first_failing: the number of
-- instances that no longer fits. counted: 0 = behind a multiplexer, in no sum. server_bound: 2 * cores + spindles.
CREATE TABLE pool_fleet (
  run_id INTEGER NOT NULL, source_id INTEGER, server TEXT, service TEXT, pool TEXT, mode TEXT, instances INTEGER,
  instances_max INTEGER, workers INTEGER, size INTEGER, demand INTEGER, max_demand INTEGER, usable INTEGER,
  max_connections INTEGER, reserved INTEGER, ratio REAL, max_ratio REAL, state TEXT, budget INTEGER, budget_80 INTEGER,
  budget_70 INTEGER, first_failing INTEGER, counted INTEGER, server_bound INTEGER);
