-- SPDX-FileCopyrightText: 2026 The Tailscope authors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- The public schema: views of everything that is imported, sampled or read from a server;
-- migrations/001derived.sql holds the derived tables, public as they are. The names and meanings here are stable.
--
-- Units: *_ns int64 nanoseconds (times: UTC where the clock of the source is utc), *_ms milliseconds (double), sizes in
-- bytes. NULL = unknown, never 0. Rows of sources that are not complete or recording do not show.
--
-- Three short forms are expanded when the file is loaded, so that what the workspace holds is plain SQL:
--   $text(x)     the text behind an id of table string, or x itself when it is text
--   $time(r, x)  time x of row r plus the time offset of its source
--   $visible(r)  true when the source of row r shows
-- Views are over one table each wherever possible (names come by scalar subqueries): SQLite then merges them into the
-- query, counts without looking up names, and may put them on the right side of a LEFT JOIN. The exception is span,
-- which joins span_calc so that parent_id can be searched by index; prefer inner joins or EXISTS with it.

-- source: one imported file, paste or recording.
--   id; path: as given (or the name of a paste); format: id of the importer; kind: trace, profile, plan, log, metrics,
--   access_log, load_test, catalog, config, recording; sha256: hex, of the raw bytes; bytes: raw size; state: complete,
--   recording (others do not show); rows_committed: rows in the workspace; rows_read, rows_skipped: of the file;
--   imported_at_ns; clock: utc, monotonic, relative, none; timezone; offset_ns: added to its times by all views;
--   offset_method: none, shared_trace, shared_marker, user; duplicate_of: id of the source with the same bytes (then
--   this one has no rows); partial: 1 = cut off, kept as it is.
CREATE VIEW source AS SELECT r.id, r.path, r.format,
  CASE r.kind WHEN 0 THEN 'trace' WHEN 1 THEN 'profile' WHEN 2 THEN 'plan' WHEN 3 THEN 'log' WHEN 4 THEN 'metrics'
    WHEN 5 THEN 'access_log' WHEN 6 THEN 'load_test' WHEN 7 THEN 'catalog' WHEN 8 THEN 'config'
    WHEN 9 THEN 'recording' END AS kind,
  r.sha256, r.bytes,
  CASE r.state WHEN 0 THEN 'importing' WHEN 1 THEN 'recording' WHEN 2 THEN 'complete' WHEN 3 THEN 'cancelled'
    WHEN 4 THEN 'broken' END AS state,
  r.rows_committed, r.rows_read, r.rows_skipped, r.imported_at_ns,
  CASE r.clock WHEN 0 THEN 'utc' WHEN 1 THEN 'monotonic' WHEN 2 THEN 'relative' WHEN 3 THEN 'none' END AS clock,
  r.timezone, r.offset_ns, r.offset_method, r.duplicate_of, r.partial
  FROM source_raw AS r WHERE r.state IN (1, 2);

-- import_issue: remarks of an import, counted by kind.
--   source_id; severity: info, notice, data_loss, error; kind: stable id; count; first_offset: byte of the
--   decompressed file, NULL = found when deriving, without a place; example: a sentence about the first.
CREATE VIEW import_issue AS SELECT r.source_id, r.severity, r.kind, r.count, r.first_offset, r.example
  FROM import_issue_raw AS r WHERE $visible(r);

-- import_reject: rows that were not taken, the first 10,000 of a source.
--   source_id; offset, length: place in the decompressed file; kind; reason; bytes: the row, at most 1 KiB.
CREATE VIEW import_reject AS SELECT r.source_id, r.offset, r.length, r.kind, r.reason, r.bytes
  FROM import_reject_raw AS r WHERE $visible(r);

-- trace: one request: the spans that share a trace key. Figures are NULL until the source is derived.
--   id; source_id; trace_key: 32 hex digits or the source's own text; root_span_id; service, operation: of the root;
--   start_ns, duration_ns: from the first start to the last end; span_count; error_count; weight: 1 / keep
--   probability, of the trace itself or as stated for its source, NULL = unknown.
CREATE VIEW trace AS SELECT r.id, r.source_id,
  CASE typeof(r.trace_key) WHEN 'blob' THEN lower(hex(r.trace_key)) ELSE r.trace_key END AS trace_key,
  (SELECT c.root_span_id FROM trace_calc AS c WHERE c.id = r.id) AS root_span_id,
  (SELECT $text(t.service_id) FROM trace_calc AS c JOIN span_raw AS s ON s.id = c.root_span_id
    JOIN track AS t ON t.id = s.track_id WHERE c.id = r.id) AS service,
  (SELECT $text(s.operation_id) FROM trace_calc AS c JOIN span_raw AS s ON s.id = c.root_span_id
    WHERE c.id = r.id) AS operation,
  $time(r, (SELECT c.start_ns FROM trace_calc AS c WHERE c.id = r.id)) AS start_ns,
  (SELECT c.duration_ns FROM trace_calc AS c WHERE c.id = r.id) AS duration_ns,
  (SELECT c.span_count FROM trace_calc AS c WHERE c.id = r.id) AS span_count,
  (SELECT c.error_count FROM trace_calc AS c WHERE c.id = r.id) AS error_count,
  ifnull((SELECT c.weight FROM trace_calc AS c WHERE c.id = r.id),
    (SELECT 1.0 / CAST(k.value AS REAL) FROM setting_kv AS k WHERE k.key = 'sampling:' || r.source_id)) AS weight
  FROM trace_raw AS r WHERE $visible(r);

-- trace_joined: traces of the same key over all sources as one. The traces stay apart, because the clocks of two
--   sources may differ; span_join links a span with its parent in another source.
--   trace_key: as in trace; sources: how many have it; trace_count: rows of trace; trace_id: the one with the root, the
--   earliest where several have; start_ns, duration_ns: from the first start to the last end; span_count, error_count:
--   of all.
CREATE VIEW trace_joined AS SELECT
  CASE typeof(r.trace_key) WHEN 'blob' THEN lower(hex(r.trace_key)) ELSE r.trace_key END AS trace_key,
  count(DISTINCT r.source_id) AS sources, count(*) AS trace_count,
  (SELECT o.id FROM trace_raw AS o LEFT JOIN trace_calc AS oc ON oc.id = o.id
    LEFT JOIN span_calc AS root ON root.id = oc.root_span_id WHERE o.trace_key = r.trace_key AND $visible(o)
    ORDER BY ifnull(root.quality, 0) & 16, $time(o, oc.start_ns), o.id LIMIT 1) AS trace_id,
  min($time(r, c.start_ns)) AS start_ns,
  max($time(r, c.start_ns + c.duration_ns)) - min($time(r, c.start_ns)) AS duration_ns,
  sum(c.span_count) AS span_count, sum(c.error_count) AS error_count
  FROM trace_raw AS r LEFT JOIN trace_calc AS c ON c.id = r.id WHERE $visible(r) GROUP BY r.trace_key;

-- span: one piece of work. parent_id, depth, self_ns, gap_ns are NULL until the source is derived.
--   id; source_id; trace_id: NULL = in no trace; span_key: 16 hex digits or the source's own text; parent_id: span.id,
--   NULL = root; process, thread, service, instance: where it ran; operation; category: Chrome's cat; kind: internal,
--   server, client, producer, consumer, async; status: unset, ok, error; http_status; start_ns; duration_ns: NULL =
--   unknown; self_ns: duration without the union of synchronous children; gap_ns: longest time in no child; depth:
--   0 = root; quality: doubts, words with commas between, NULL = none: unfinished, negative_duration, no_end, spilled,
--   orphan, cycle, duplicate_key, no_id, skewed, time_clamped, dropped; track_id: row of drawing; lane: extra row for
--   spans that overlap their neighbours.
CREATE VIEW span AS SELECT s.id, s.source_id, s.trace_id,
  CASE typeof(s.span_key) WHEN 'integer' THEN printf('%016x', s.span_key) ELSE s.span_key END AS span_key,
  c.parent_id,
  (SELECT $text(t.process_id) FROM track AS t WHERE t.id = s.track_id) AS process,
  (SELECT $text(t.thread_id) FROM track AS t WHERE t.id = s.track_id) AS thread,
  (SELECT $text(t.service_id) FROM track AS t WHERE t.id = s.track_id) AS service,
  (SELECT $text(t.instance_id) FROM track AS t WHERE t.id = s.track_id) AS instance,
  $text(s.operation_id) AS operation, $text(s.category_id) AS category,
  CASE s.kind WHEN 0 THEN 'internal' WHEN 1 THEN 'server' WHEN 2 THEN 'client' WHEN 3 THEN 'producer'
    WHEN 4 THEN 'consumer' WHEN 5 THEN 'async' END AS kind,
  CASE s.status WHEN 0 THEN 'unset' WHEN 1 THEN 'ok' WHEN 2 THEN 'error' END AS status,
  s.http_status, $time(s, s.start_ns) AS start_ns, s.duration_ns, c.self_ns, c.gap_ns, c.depth,
  CASE WHEN s.quality | ifnull(c.quality, 0) THEN substr(
    CASE WHEN s.quality & 1 THEN ',unfinished' ELSE '' END
    || CASE WHEN s.quality & 2 THEN ',negative_duration' ELSE '' END
    || CASE WHEN s.quality & 4 THEN ',no_end' ELSE '' END
    || CASE WHEN (s.quality | ifnull(c.quality, 0)) & 8 THEN ',spilled' ELSE '' END
    || CASE WHEN (s.quality | ifnull(c.quality, 0)) & 16 THEN ',orphan' ELSE '' END
    || CASE WHEN (s.quality | ifnull(c.quality, 0)) & 32 THEN ',cycle' ELSE '' END
    || CASE WHEN (s.quality | ifnull(c.quality, 0)) & 64 THEN ',duplicate_key' ELSE '' END
    || CASE WHEN s.quality & 128 THEN ',no_id' ELSE '' END
    || CASE WHEN (s.quality | ifnull(c.quality, 0)) & 256 THEN ',skewed' ELSE '' END
    || CASE WHEN s.quality & 512 THEN ',time_clamped' ELSE '' END
    || CASE WHEN s.quality & 1024 THEN ',dropped' ELSE '' END, 2) END AS quality,
  s.track_id, c.lane
  FROM span_raw AS s LEFT JOIN span_calc AS c ON c.id = s.id WHERE $visible(s);

-- span_attribute: what a span says of itself; look up by span_id. One join instead of a UNION ALL of four parts, which
-- SQLite could not merge into a query: (SELECT value FROM span_attribute WHERE span_id = s.id AND key = '...') is fast.
--   span_id; scope: resource, scope, span; key; value: text, number, 0/1 for booleans, JSON text for lists and objects.
CREATE VIEW span_attribute AS SELECT s.id AS span_id, p.scope,
  CASE p.id WHEN 3 THEN j.key ELSE $text(i.key_id) END AS key,
  CASE WHEN p.id = 3 THEN j.value WHEN i.type = 1 THEN $text(i.value) ELSE i.value END AS value
  FROM span_raw AS s CROSS JOIN attribute_part AS p
  LEFT JOIN attribute_set_item AS i ON p.id < 3
    AND i.set_id = CASE p.id WHEN 0 THEN s.resource_set WHEN 1 THEN s.scope_set ELSE s.attribute_set END
  LEFT JOIN json_each(CASE p.id WHEN 3 THEN s.attributes END) AS j
  WHERE CASE p.id WHEN 3 THEN j.key IS NOT NULL ELSE i.set_id IS NOT NULL END AND $visible(s);

-- span_event: an instant. Rows that the source ties to a track get their span_id when the source is derived.
--   id; source_id; span_id: NULL = outside every span; track_id: NULL = the source names the span; ts_ns: NULL = the
--   source gives none; name;
--   attributes: JSON object or NULL.
CREATE VIEW span_event AS SELECT r.id, r.source_id, r.span_id, r.track_id, $time(r, r.ts_ns) AS ts_ns,
  $text(r.name_id) AS name, r.attributes
  FROM span_event_raw AS r WHERE $visible(r);

-- span_link: a span that another one follows from or belongs with, maybe in another trace.
--   id; source_id; span_id; linked_trace_key, linked_span_key: as trace_key and span_key; linked_span_id: span.id when
--   it is in the workspace and was looked up; attributes: JSON object or NULL; derived: 1 = made from a flow.
CREATE VIEW span_link AS SELECT r.id, r.source_id, r.span_id,
  CASE typeof(r.linked_trace_key) WHEN 'blob' THEN lower(hex(r.linked_trace_key)) ELSE r.linked_trace_key
    END AS linked_trace_key,
  CASE typeof(r.linked_span_key) WHEN 'integer' THEN printf('%016x', r.linked_span_key) ELSE r.linked_span_key
    END AS linked_span_key,
  r.linked_span_id, r.attributes, r.derived
  FROM span_link_raw AS r WHERE $visible(r);

-- profile: weighted stacks of one sample type.
--   id; source_id; name; kind: on_cpu, wall, alloc, lock, threads; sample_type; unit: ns, bytes, samples, ...; period:
--   between samples, in unit; start_ns; duration_ns; sample_count; total_weight: in unit.
CREATE VIEW profile AS SELECT r.id, r.source_id, $text(r.name_id) AS name,
  CASE r.kind WHEN 0 THEN 'on_cpu' WHEN 1 THEN 'wall' WHEN 2 THEN 'alloc' WHEN 3 THEN 'lock'
    WHEN 4 THEN 'threads' END AS kind,
  $text(r.sample_type_id) AS sample_type, $text(r.unit_id) AS unit, r.period, $time(r, r.start_ns) AS start_ns,
  r.duration_ns, r.sample_count, r.total_weight
  FROM profile_raw AS r WHERE $visible(r);

-- frame: a place in code.
--   id; source_id; function; module: binary, package; file; line: NULL = unknown.
CREATE VIEW frame AS SELECT r.id, r.source_id, $text(r.function_id) AS function, $text(r.module_id) AS module,
  $text(r.file_id) AS file, r.line
  FROM frame_raw AS r WHERE $visible(r);

-- call_node: a frame below its callers. Weights are NULL until the import ended.
--   id; profile_id; parent_id: call_node.id, NULL = root; frame_id; depth: 0 = root; self_weight; total_weight: with
--   callees; sample_count: samples that end here.
CREATE VIEW call_node AS SELECT r.id, r.profile_id, r.parent_id, r.frame_id, r.depth,
  (SELECT c.self_weight FROM call_node_calc AS c WHERE c.id = r.id) AS self_weight,
  (SELECT c.total_weight FROM call_node_calc AS c WHERE c.id = r.id) AS total_weight,
  (SELECT c.sample_count FROM call_node_calc AS c WHERE c.id = r.id) AS sample_count
  FROM call_node_raw AS r WHERE $visible(r);

-- sample: one stack, or the sum of many when the source has no times.
--   id; profile_id; ts_ns: NULL = summed; thread; state; call_node_id: the leaf; weight; count: samples summed here.
CREATE VIEW sample AS SELECT r.id, r.profile_id, $time(r, r.ts_ns) AS ts_ns, $text(r.thread_id) AS thread,
  $text(r.state_id) AS state, r.call_node_id, r.weight, r.count
  FROM sample_raw AS r WHERE $visible(r);

-- statement: SQL texts by fingerprint, shared by all sources.
--   id; fingerprint: 16 hex digits of PostgreSQL's grammar, or "t:" and 16 digits of its tokens where the grammar
--   refuses the text; text: the first text seen; normalized: the text with $1, $2, ... for its literals.
CREATE VIEW statement AS SELECT r.id, r.fingerprint, r.text, r.normalized FROM statement_raw AS r;

-- plan: head of one execution plan.
--   id; source_id; engine; server_version; statement_id: NULL = text unknown; captured_at_ns; planning_ms;
--   execution_ms; duration_ms: as a log tells it; total_cost: of the root; node_count; settings: JSON object;
--   query_text; source_text: the text it was read from; format: text, json, ...; extra: JSON object with EXPLAIN's own
--   key names; saved_good: 1 = marked as a good plan by the user.
CREATE VIEW plan AS SELECT r.id, r.source_id, r.engine, r.server_version, r.statement_id,
  $time(r, r.captured_at_ns) AS captured_at_ns, r.planning_ms, r.execution_ms, r.duration_ms, r.total_cost,
  (SELECT count(*) FROM plan_node_raw AS n WHERE n.plan_id = r.id) AS node_count, r.settings, r.query_text,
  r.source_text, r.format, r.extra, r.saved_good
  FROM plan_raw AS r WHERE $visible(r);

-- plan_node: one node of a plan. Buffers in blocks; rows are totals over loops; NULL = the plan does not say.
--   id; plan_id; parent_id: plan_node.id; node, parent: numbers within the plan (0-based, pre-order); position: among
--   its siblings; depth; node_type; parent_relationship; subplan_name; join_type; relation; schema; alias; index_name;
--   condition: index, hash, merge or recheck condition; filter; plan_rows: per loop, as planned; plan_width;
--   startup_cost; total_cost; actual_rows, rows_removed_by_filter, rows_removed_by_join_filter,
--   rows_removed_by_index_recheck: over all loops; loops; startup_ms, total_ms: per loop, as printed; wall_ms: elapsed,
--   all loops; self_ms: without children; doubt_ms: how wrong rounding may make self_ms; shared_hit, shared_read,
--   shared_dirtied, shared_written, local_hit, local_read, local_dirtied, local_written, temp_read, temp_written: with
--   children; self_shared_hit, self_shared_read: without; io_read_ms, io_write_ms; wal_bytes; sort_kb: memory or disk;
--   sort_disk: 1 = on disk; hash_batches; heap_fetches; exact_blocks, lossy_blocks: of a bitmap; workers_planned;
--   workers_launched; source_line: 1-based line in plan.source_text; extra: JSON, EXPLAIN's own key names.
CREATE VIEW plan_node AS SELECT r.id, r.plan_id,
  (SELECT p.id FROM plan_node_raw AS p WHERE p.plan_id = r.plan_id AND p.node = r.parent) AS parent_id, r.node,
  r.parent, r.position, r.depth, r.node_type, r.parent_relationship, r.subplan_name, r.join_type, r.relation,
  r.schema, r.alias, r.index_name, r.condition, r.filter, r.plan_rows, r.plan_width, r.startup_cost, r.total_cost,
  r.actual_rows, r.rows_removed_by_filter, r.rows_removed_by_join_filter, r.rows_removed_by_index_recheck, r.loops,
  r.startup_ms, r.total_ms, r.wall_ms, r.self_ms, r.doubt_ms, r.shared_hit, r.shared_read, r.shared_dirtied,
  r.shared_written, r.local_hit, r.local_read, r.local_dirtied, r.local_written, r.temp_read, r.temp_written,
  r.self_shared_hit, r.self_shared_read, r.io_read_ms, r.io_write_ms, r.wal_bytes, r.sort_kb, r.sort_disk,
  r.hash_batches, r.heap_fetches, r.exact_blocks, r.lossy_blocks, r.workers_planned, r.workers_launched,
  r.source_line, r.extra
  FROM plan_node_raw AS r WHERE $visible(r);

-- plan_worker: figures of one process of a parallel node.
--   plan_node_id; plan_id; worker: number, -1 = leader; startup_ms, total_ms: per loop; rows, loops; extra: JSON.
CREATE VIEW plan_worker AS SELECT
  (SELECT n.id FROM plan_node_raw AS n WHERE n.plan_id = r.plan_id AND n.node = r.node) AS plan_node_id, r.worker,
  r.startup_ms, r.total_ms, r.rows, r.loops, r.extra, r.plan_id
  FROM plan_worker_raw AS r WHERE $visible(r);

-- plan_trigger: a trigger that fired.
--   plan_id; name; relation; constraint_name; time_ms: all calls; calls.
CREATE VIEW plan_trigger AS SELECT r.plan_id, r.name, r.relation, r.constraint_name, r.time_ms, r.calls
  FROM plan_trigger_raw AS r WHERE $visible(r);

-- plan_condition: one comparison of a condition.
--   plan_node_id; place: index_cond, filter, ...; column; operator; wrapped_in: function or cast round the column;
--   literal; ordinal: among those of the node.
CREATE VIEW plan_condition AS SELECT r.plan_node_id, r.place, r.column_name AS "column", r.operator, r.wrapped_in,
  r.literal, r.ordinal
  FROM plan_condition_raw AS r WHERE $visible(r);

-- series: one metric of one thing.
--   id; source_id; metric: canonical name; foreign_name: as written; service; instance; role; labels: JSON object;
--   unit; kind: gauge, counter, delta, histogram, unknown; track_id: process it belongs to in a trace.
CREATE VIEW series AS SELECT r.id, r.source_id, $text(r.metric_id) AS metric,
  $text(r.foreign_name_id) AS foreign_name, $text(r.service_id) AS service, $text(r.instance_id) AS instance,
  $text(r.role_id) AS role, r.labels, $text(r.unit_id) AS unit,
  CASE r.kind WHEN 0 THEN 'gauge' WHEN 1 THEN 'counter' WHEN 2 THEN 'delta' WHEN 3 THEN 'histogram'
    WHEN 4 THEN 'unknown' END AS kind, r.track_id
  FROM series_raw AS r WHERE $visible(r);

-- point: series_id; ts_ns; value.
CREATE VIEW point AS SELECT r.series_id, $time(r, r.ts_ns) AS ts_ns, r.value FROM point_raw AS r WHERE $visible(r);

-- histogram_point: series_id; ts_ns; upper_bound: of the bucket, infinity for the last; count: in the bucket.
CREATE VIEW histogram_point AS SELECT r.series_id, $time(r, r.ts_ns) AS ts_ns, r.upper_bound, r.count
  FROM histogram_point_raw AS r WHERE $visible(r);

-- event: a marker on the time axis.
--   id; source_id: NULL = a note made in the window; ts_ns; end_ns: NULL = an instant; kind: deploy, config, flag, scale,
--   failover, alert, human, chaos, cron, secret_rotation, experiment, checkpoint, autovacuum, note; service; title;
--   detail; offset_seconds: UTC offset the file wrote.
CREATE VIEW event AS SELECT r.id, r.source_id,
  r.ts_ns + ifnull((SELECT offset_ns FROM source_raw WHERE id = r.source_id), 0) AS ts_ns,
  r.end_ns + ifnull((SELECT offset_ns FROM source_raw WHERE id = r.source_id), 0) AS end_ns, r.kind, r.service,
  r.title, r.detail, r.offset_seconds
  FROM event_raw AS r WHERE r.source_id IS NULL OR $visible(r);

-- budget: a time allowed. id; source_id: NULL = made in the window; name; target_ms; percentile: text of a decimal
--   ("0.99"); margin: share kept free, 0..1; description; match: which requests, NULL = all; error_limit: share of
--   failed requests allowed, 0..1, NULL = not asked; min_samples: fewer decide nothing.
CREATE VIEW budget AS SELECT r.id, r.source_id, r.name, r.target_ms, r.percentile, r.margin, r.description, r.match,
  r.error_limit, r.min_samples
  FROM budget_raw AS r WHERE r.source_id IS NULL OR $visible(r);

-- budget_component: a part of a budget. budget_id; position; parallel_group: components of one group run side by side;
--   name; match: which spans or series it is; budget_ms; timeout_ms: 0 = explicitly none; kind: processing, routing,
--   cache, database, external, network, serialization, async (nobody waits for it), headroom (kept free); calls, call_ms:
--   so many calls one after the other of at least that long each, the least time it can take; optional: 1 = may be
--   absent.
CREATE VIEW budget_component AS SELECT r.budget_id, r.position, r.parallel_group, r.name, r.match, r.budget_ms,
  r.timeout_ms, r.kind, r.calls, r.call_ms, r.optional
  FROM budget_component_raw AS r
  WHERE EXISTS (SELECT 1 FROM budget_raw AS b WHERE b.id = r.budget_id AND (b.source_id IS NULL OR $visible(b)));

-- Samples, catalogs, logs, configuration, runs.
-- Counters hold what the server showed (since its start) unless a line says otherwise; differences are for analyses.

-- server: a database server or pooler that was attached to, or that a file is about.
--   id; source_id; kind: postgresql, pgbouncer, pgpool, odyssey, other; name; host; port; dbname; server_version;
--   server_version_num; system_identifier; timeline; in_recovery: 1 = standby; postmaster_start_ns;
--   clock_difference_ns: its clock minus ours; hidden: what the role may not see, NULL = nothing; extra: JSON.
CREATE VIEW server AS SELECT r.id, r.source_id, r.kind, r.name, r.host, r.port, r.dbname, r.server_version,
  r.server_version_num, r.system_identifier, r.timeline, r.in_recovery, r.postmaster_start_ns,
  r.clock_difference_ns, r.hidden, r.extra
  FROM server_raw AS r WHERE $visible(r);

-- statement_sample: pg_stat_statements at one time.
--   server_id; statement_id; db; user; ts_ns; calls; total_ms; mean_ms; stddev_ms; min_ms; max_ms; rows; shared_hit,
--   shared_read, temp_written: blocks; plans; wal_bytes; epoch: grows when counters start anew; extra: JSON.
CREATE VIEW statement_sample AS SELECT r.server_id, r.statement_id, $text(r.db_id) AS db, $text(r.user_id) AS user,
  $time(r, r.ts_ns) AS ts_ns, r.calls, r.total_ms, r.mean_ms, r.stddev_ms, r.min_ms, r.max_ms, r.rows, r.shared_hit,
  r.shared_read, r.temp_written, r.plans, r.wal_bytes, r.epoch, r.extra
  FROM statement_sample_raw AS r WHERE $visible(r);

-- pool_sample: a pool at one time, whatever kind and maker.
--   source_id; server_id: NULL = not of a server; pool; kind: connection, thread, worker; instance; mode: session,
--   transaction, statement; ts_ns; capacity; active; idle; waiting: requests without a member; max_wait_ms: of those
--   waiting now; wait_p50_ms, wait_p99_ms; acquire_timeout_ms: the limit; acquired, created, timeouts: counters;
--   service_ms: mean time held; throughput: per second; wait_p95_ms; clients, max_clients: connected to a pooler and its
--   limit; wait_total_ms, busy_total_ms: counters of time waited and held (busy_includes_wait: 1 = the second contains
--   the first); extra: JSON.
CREATE VIEW pool_sample AS SELECT r.source_id, r.server_id, $text(r.pool_id) AS pool, r.kind,
  $text(r.instance_id) AS instance, r.mode, $time(r, r.ts_ns) AS ts_ns, r.capacity, r.active, r.idle, r.waiting,
  r.max_wait_ms, r.wait_p50_ms, r.wait_p99_ms, r.acquire_timeout_ms, r.acquired, r.created, r.timeouts,
  r.service_ms, r.throughput, r.wait_p95_ms, r.clients, r.max_clients, r.wait_total_ms, r.busy_total_ms,
  r.busy_includes_wait, r.extra
  FROM pool_sample_raw AS r WHERE $visible(r);

-- replica_sample: a standby as its primary (or itself) sees it.
--   server_id; replica; ts_ns; state: startup, catchup, streaming, backup, stopping; sync_state; sent_position,
--   write_position, flush_position, replay_position: bytes of WAL; wal_rate: bytes/s written by the primary;
--   unsent_bytes, unwritten_bytes, unflushed_bytes, unreplayed_bytes: stage by stage; write_lag_ms, flush_lag_ms,
--   replay_lag_ms: as the server says, 0 when no byte is behind; link_age_ms: since the last message; paused: 1 =
--   replay is paused; current_position: of the primary; receive_position: of the standby's receiver; replay_age_ms: since
--   the commit replayed last (grows on an idle primary); apply_delay_ms: on purpose; timeline; client: address.
CREATE VIEW replica_sample AS SELECT r.server_id, $text(r.replica_id) AS replica, $time(r, r.ts_ns) AS ts_ns, r.state,
  r.sync_state, r.sent_position, r.write_position, r.flush_position, r.replay_position, r.wal_rate, r.unsent_bytes,
  r.unwritten_bytes, r.unflushed_bytes, r.unreplayed_bytes, r.write_lag_ms, r.flush_lag_ms, r.replay_lag_ms,
  r.link_age_ms, r.paused, r.current_position, r.receive_position, r.replay_age_ms, r.apply_delay_ms, r.timeline,
  r.client
  FROM replica_sample_raw AS r WHERE $visible(r);

-- slot_sample: a replication slot. server_id; slot; kind: physical, logical; ts_ns; active; retained_bytes: WAL kept
--   for it; wal_status: reserved, extended, unreserved, lost; safe_wal_bytes: left before it is lost.
CREATE VIEW slot_sample AS SELECT r.server_id, $text(r.slot_id) AS slot, r.kind, $time(r, r.ts_ns) AS ts_ns,
  r.active, r.retained_bytes, r.wal_status, r.safe_wal_bytes
  FROM slot_sample_raw AS r WHERE $visible(r);

-- session_sample: one row of pg_stat_activity.
--   server_id; ts_ns; pid; user; db; application; client; backend_type; state; wait_event_type; wait_event: NULL while
--   active = on CPU; xact_start_ns; query_start_ns; state_change_ns; backend_xmin: age in transactions; query_id;
--   statement_id; leader_pid: of a parallel worker; backend_start_ns; xid_age: of its transaction id, NULL = none written.
CREATE VIEW session_sample AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.pid, $text(r.user_id) AS user,
  $text(r.db_id) AS db, $text(r.application_id) AS application, $text(r.client_id) AS client,
  $text(r.backend_type_id) AS backend_type, $text(r.state_id) AS state,
  $text(r.wait_event_type_id) AS wait_event_type, $text(r.wait_event_id) AS wait_event,
  $time(r, r.xact_start_ns) AS xact_start_ns, $time(r, r.query_start_ns) AS query_start_ns,
  $time(r, r.state_change_ns) AS state_change_ns, r.backend_xmin, r.query_id, r.statement_id, r.leader_pid,
  $time(r, r.backend_start_ns) AS backend_start_ns, r.xid_age
  FROM session_sample_raw AS r WHERE $visible(r);

-- lock_edge: who waits for whom. server_id; ts_ns; blocked_pid; blocker_pid; lock_type; mode: asked for; relation; waited_ms;
--   granted_mode: what the blocker holds, NULL = unknown.
CREATE VIEW lock_edge AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.blocked_pid, r.blocker_pid,
  $text(r.lock_type_id) AS lock_type, $text(r.mode_id) AS mode, $text(r.relation_id) AS relation, r.waited_ms,
  $text(r.granted_mode_id) AS granted_mode
  FROM lock_edge_raw AS r WHERE $visible(r);

-- queue_sample: source_id; server_id; queue; partition; consumer_group; ts_ns; depth: items not taken; arrived,
--   completed: counters; members: consumers; assigned: 1 = the partition has one; oldest_age_ms; retention_ms;
--   in_flight: taken, not finished; delayed; failed: counter; position, end_position: offsets of the group and of the log.
CREATE VIEW queue_sample AS SELECT r.source_id, r.server_id, $text(r.queue_id) AS queue,
  $text(r.partition_id) AS "partition", $text(r.consumer_group_id) AS consumer_group, $time(r, r.ts_ns) AS ts_ns,
  r.depth, r.arrived, r.completed, r.members, r.assigned, r.oldest_age_ms, r.retention_ms, r.in_flight, r.delayed, r.failed, r.position,
  r.end_position
  FROM queue_sample_raw AS r WHERE $visible(r);

-- cache_sample: source_id; server_id; cache; instance; ts_ns; hits, misses, evictions, expirations: counters; items;
--   used_bytes; capacity_bytes.
CREATE VIEW cache_sample AS SELECT r.source_id, r.server_id, $text(r.cache_id) AS cache,
  $text(r.instance_id) AS instance, $time(r, r.ts_ns) AS ts_ns, r.hits, r.misses, r.evictions, r.expirations,
  r.items, r.used_bytes, r.capacity_bytes
  FROM cache_sample_raw AS r WHERE $visible(r);

-- pause: a stop of the whole process. source_id; instance; ts_ns; duration_ns; kind: young, full, ...; cause;
--   heap_before, heap_after: bytes.
CREATE VIEW pause AS SELECT r.source_id, $text(r.instance_id) AS instance, $time(r, r.ts_ns) AS ts_ns, r.duration_ns,
  r.kind, r.cause, r.heap_before, r.heap_after
  FROM pause_raw AS r WHERE $visible(r);

-- setting: a row of pg_settings. server_id; ts_ns; name; setting; unit; category; context; vartype; source; min_val;
--   max_val; boot_val; reset_val; pending_restart.
CREATE VIEW setting AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.name, r.setting, r.unit, r.category,
  r.context, r.vartype, r.source, r.min_val, r.max_val, r.boot_val, r.reset_val, r.pending_restart
  FROM setting_raw AS r WHERE $visible(r);

-- db_table: a row of pg_class. server_id; oid; dbname; schemaname; relname; relkind; relpersistence; reltuples;
--   relpages; relallvisible; relhastriggers; relispartition; parent_oid: of a partition; reloptions; relfrozenxid_age;
--   table_bytes; index_bytes; toast_bytes.
CREATE VIEW db_table AS SELECT r.server_id, r.oid, r.dbname, r.schemaname, r.relname, r.relkind, r.relpersistence,
  r.reltuples, r.relpages, r.relallvisible, r.relhastriggers, r.relispartition, r.parent_oid, r.reloptions,
  r.relfrozenxid_age, r.table_bytes, r.index_bytes, r.toast_bytes
  FROM db_table_raw AS r WHERE $visible(r);

-- db_index: a row of pg_index. server_id; indexrelid; indrelid; dbname; schemaname; relname; indexrelname; amname;
--   indisunique; indisprimary; indisvalid; indisready; indkey; indnkeyatts; indpred; indexdef; relpages; reltuples;
--   index_bytes; constraint_name: it serves, NULL = none.
CREATE VIEW db_index AS SELECT r.server_id, r.indexrelid, r.indrelid, r.dbname, r.schemaname, r.relname,
  r.indexrelname, r.amname, r.indisunique, r.indisprimary, r.indisvalid, r.indisready, r.indkey, r.indnkeyatts,
  r.indpred, r.indexdef, r.relpages, r.reltuples, r.index_bytes, r.constraint_name
  FROM db_index_raw AS r WHERE $visible(r);

-- db_column: pg_attribute with pg_stats. server_id; attrelid; dbname; schemaname; relname; attnum; attname;
--   format_type; attnotnull; column_default; attstattarget; null_frac; avg_width; n_distinct; correlation;
--   most_common_vals; most_common_freqs.
CREATE VIEW db_column AS SELECT r.server_id, r.attrelid, r.dbname, r.schemaname, r.relname, r.attnum, r.attname,
  r.format_type, r.attnotnull, r.column_default, r.attstattarget, r.null_frac, r.avg_width, r.n_distinct,
  r.correlation, r.most_common_vals, r.most_common_freqs
  FROM db_column_raw AS r WHERE $visible(r);

-- db_constraint: a row of pg_constraint. server_id; dbname; schemaname; relname; conrelid; conname; contype;
--   convalidated; conkey; confrelid; confkey; confdeltype; constraintdef.
CREATE VIEW db_constraint AS SELECT r.server_id, r.dbname, r.schemaname, r.relname, r.conrelid, r.conname, r.contype,
  r.convalidated, r.conkey, r.confrelid, r.confkey, r.confdeltype, r.constraintdef
  FROM db_constraint_raw AS r WHERE $visible(r);

-- table_sample: pg_stat_user_tables and pg_statio_user_tables. server_id; ts_ns; relid; dbname; schemaname; relname;
--   seq_scan; seq_tup_read; idx_scan; idx_tup_fetch; n_tup_ins; n_tup_upd; n_tup_del; n_tup_hot_upd; n_live_tup;
--   n_dead_tup; n_mod_since_analyze; n_ins_since_vacuum; last_vacuum_ns; last_autovacuum_ns; last_analyze_ns;
--   last_autoanalyze_ns; vacuum_count; autovacuum_count; heap_blks_read; heap_blks_hit; idx_blks_read; idx_blks_hit;
--   table_bytes; last_seq_scan_ns, last_idx_scan_ns: since version 16; n_tup_newpage_upd; analyze_count;
--   autoanalyze_count; relfrozenxid_age; index_bytes; toast_bytes; bloat_bytes: an estimate; bloat_doubt: how far it may
--   be off, in words; extra: JSON.
CREATE VIEW table_sample AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.relid, $text(r.dbname_id) AS dbname,
  $text(r.schemaname_id) AS schemaname, $text(r.relname_id) AS relname, r.seq_scan, r.seq_tup_read, r.idx_scan,
  r.idx_tup_fetch, r.n_tup_ins, r.n_tup_upd, r.n_tup_del, r.n_tup_hot_upd, r.n_live_tup, r.n_dead_tup,
  r.n_mod_since_analyze, r.n_ins_since_vacuum, r.last_vacuum_ns, r.last_autovacuum_ns, r.last_analyze_ns,
  r.last_autoanalyze_ns, r.vacuum_count, r.autovacuum_count, r.heap_blks_read, r.heap_blks_hit, r.idx_blks_read,
  r.idx_blks_hit, r.table_bytes, $time(r, r.last_seq_scan_ns) AS last_seq_scan_ns,
  $time(r, r.last_idx_scan_ns) AS last_idx_scan_ns, r.n_tup_newpage_upd, r.analyze_count, r.autoanalyze_count,
  r.relfrozenxid_age, r.index_bytes, r.toast_bytes, r.bloat_bytes, r.bloat_doubt, r.extra
  FROM table_sample_raw AS r WHERE $visible(r);

-- index_sample: pg_stat_user_indexes and pg_statio_user_indexes. server_id; ts_ns; indexrelid; dbname; schemaname;
--   relname; indexrelname; idx_scan; idx_tup_read; idx_tup_fetch; idx_blks_read; idx_blks_hit; index_bytes;
--   last_idx_scan_ns: since version 16; bloat_bytes: an estimate; bloat_doubt: how far it may be off, in words.
CREATE VIEW index_sample AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.indexrelid,
  $text(r.dbname_id) AS dbname, $text(r.schemaname_id) AS schemaname, $text(r.relname_id) AS relname,
  $text(r.indexrelname_id) AS indexrelname, r.idx_scan, r.idx_tup_read, r.idx_tup_fetch, r.idx_blks_read,
  r.idx_blks_hit, r.index_bytes, $time(r, r.last_idx_scan_ns) AS last_idx_scan_ns, r.bloat_bytes, r.bloat_doubt
  FROM index_sample_raw AS r WHERE $visible(r);

-- progress_sample: a row of a pg_stat_progress_* view. server_id; ts_ns; command: vacuum, analyze, create_index,
--   cluster, basebackup, copy; pid; dbname; relname; phase; done, total: of the phase, in its own unit; extra: JSON.
CREATE VIEW progress_sample AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.command, r.pid,
  $text(r.dbname_id) AS dbname, $text(r.relname_id) AS relname, r.phase, r.done, r.total, r.extra
  FROM progress_sample_raw AS r WHERE $visible(r);

-- session_minute: what sessions did in a minute of a recording that is kept no longer by the second (then it has no
--   session_sample). source_id; server_id; ts_ns: where the minute begins; state: any but idle; wait_event_type, wait_event;
--   backend_type; db; user; application; query_id; statement_id; samples: sessions seen so, over all samples of the
--   minute; moments: how many samples that were, the same in all rows of a server's minute: samples / moments = average
--   active sessions. A minute without any has one row of 0 samples.
CREATE VIEW session_minute AS SELECT r.source_id, r.server_id, $time(r, r.ts_ns) AS ts_ns, $text(r.state_id) AS state,
  $text(r.wait_event_type_id) AS wait_event_type, $text(r.wait_event_id) AS wait_event,
  $text(r.backend_type_id) AS backend_type, $text(r.db_id) AS db, $text(r.user_id) AS user,
  $text(r.application_id) AS application, r.query_id, r.statement_id, r.samples, r.moments
  FROM session_minute_raw AS r WHERE $visible(r);

-- xmin_holder: what keeps old row versions alive. server_id; ts_ns; kind: session, prepared, slot, standby; name: of the
--   application, transaction, slot or standby; pid; db; user; xmin_age, xid_age: in transactions; since_ns: it began;
--   detail: state or slot's kind.
CREATE VIEW xmin_holder AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.kind, r.name, r.pid, $text(r.db_id) AS db,
  $text(r.user_id) AS user, r.xmin_age, r.xid_age, $time(r, r.since_ns) AS since_ns, r.detail
  FROM xmin_holder_raw AS r WHERE $visible(r);

-- wait_sample: how often sessions were seen in a wait since the sample before. server_id; ts_ns; origin: activity (our
--   own samples), pg_wait_sampling; wait_event_type, wait_event: NULL = on CPU; query_id; statement_id; backend_type;
--   samples; interval_ms: between two of them: samples x interval_ms is time.
CREATE VIEW wait_sample AS SELECT r.server_id, $time(r, r.ts_ns) AS ts_ns, r.origin,
  $text(r.wait_event_type_id) AS wait_event_type, $text(r.wait_event_id) AS wait_event, r.query_id, r.statement_id,
  $text(r.backend_type_id) AS backend_type, r.samples, r.interval_ms
  FROM wait_sample_raw AS r WHERE $visible(r);

-- log_entry: a line of a server's log. id; source_id; server_id; ts_ns; offset_seconds: UTC offset written there; pid;
--   user; db; application; client; severity; sqlstate; kind: slow_statement, plan, lock_wait, deadlock, checkpoint,
--   autovacuum, temp_file, error, connection, replication, ..., other; message; detail; hint; context; statement_id;
--   query_id; duration_ms; service, instance: who wrote it; logger: name of the logger or instrumentation scope;
--   trace_key, span_key: the request and the span it was written in, as in trace and span, NULL = it names none;
--   pattern: the message without what differs from line to line.
CREATE VIEW log_entry AS SELECT r.id, r.source_id, r.server_id, $time(r, r.ts_ns) AS ts_ns, r.offset_seconds, r.pid,
  $text(r.user_id) AS user, $text(r.db_id) AS db, $text(r.application_id) AS application,
  $text(r.client_id) AS client, r.severity, r.sqlstate, r.kind, r.message, r.detail, r.hint, r.context,
  r.statement_id, r.query_id, r.duration_ms, $text(r.service_id) AS service, $text(r.instance_id) AS instance,
  $text(r.logger_id) AS logger, $text(r.pattern_id) AS pattern,
  CASE typeof(r.trace_key) WHEN 'blob' THEN lower(hex(r.trace_key)) ELSE r.trace_key END AS trace_key,
  CASE typeof(r.span_key) WHEN 'integer' THEN printf('%016x', r.span_key) ELSE r.span_key END AS span_key
  FROM log_entry_raw AS r WHERE $visible(r);

-- log_attribute: what a line of a log says of itself; look up by log_id.
--   log_id: log_entry.id; scope: resource, log; key; value: as in span_attribute.
CREATE VIEW log_attribute AS SELECT r.id AS log_id, CASE p.id WHEN 3 THEN 'log' ELSE 'resource' END AS scope,
  CASE p.id WHEN 3 THEN j.key ELSE $text(i.key_id) END AS key,
  CASE WHEN p.id = 3 THEN j.value WHEN i.type = 1 THEN $text(i.value) ELSE i.value END AS value
  FROM log_entry_raw AS r CROSS JOIN attribute_part AS p
  LEFT JOIN attribute_set_item AS i ON p.id = 0 AND i.set_id = r.resource_set
  LEFT JOIN json_each(CASE p.id WHEN 3 THEN r.attributes END) AS j
  WHERE CASE p.id WHEN 3 THEN j.key IS NOT NULL ELSE i.set_id IS NOT NULL END AND $visible(r);

-- deadlock_member: a process of a deadlock that a server's log reports; the members of one deadlock form a cycle.
--   source_id; server_id; log_id: log_entry.id; deadlock: its number in the source; position: 0.. in the order of the
--   log; ts_ns; pid; waits_for_pid; lock_type: relation, tuple, transactionid, advisory, ...; mode; relation: as the
--   log names it, NULL = none; waits_for: the log's words; query_text; statement_id.
CREATE VIEW deadlock_member AS SELECT r.source_id, r.server_id, r.log_id, r.deadlock, r.position,
  $time(r, r.ts_ns) AS ts_ns, r.pid, r.waits_for_pid, $text(r.lock_type_id) AS lock_type, $text(r.mode_id) AS mode,
  $text(r.relation_id) AS relation, r.waits_for, r.query_text, r.statement_id
  FROM deadlock_member_raw AS r WHERE $visible(r);

-- config: entered or imported configuration. id; source_id; subject_kind: pool, service, server, retry, breaker, ...;
--   subject; parent: subject it belongs to; key; value; unit.
CREATE VIEW config AS SELECT r.id, r.source_id, r.subject_kind, r.subject, r.parent, r.key, r.value, r.unit
  FROM config_raw AS r WHERE $visible(r);

-- ddl_statement: a statement of a migration. id; source_id; position; file; line; kind: create_index, ...; object;
--   text; extra: JSON.
CREATE VIEW ddl_statement AS SELECT r.id, r.source_id, r.position, r.file, r.line, r.kind, r.object, r.text, r.extra
  FROM ddl_statement_raw AS r WHERE $visible(r);

-- run: a capture or load test. id; source_id; name; kind: capture, load_test; start_ns; end_ns; tool; parameters: JSON.
CREATE VIEW run AS SELECT r.id, r.source_id, r.name, r.kind, $time(r, r.start_ns) AS start_ns,
  $time(r, r.end_ns) AS end_ns, r.tool, r.parameters
  FROM run_raw AS r WHERE $visible(r);

-- run_phase: run_id; position; name; start_ns; end_ns; target_rate, rate: per second; users; requests; errors; p50_ms,
--   p95_ms, p99_ms, max_ms: as the tool says; kind: whole, operation, interval, ramp, hold, spike, soak, step; mean_ms; p90_ms; min_ms;
--   extra: JSON.
CREATE VIEW run_phase AS SELECT r.run_id, r.position, r.name, $time(r, r.start_ns) AS start_ns,
  $time(r, r.end_ns) AS end_ns, r.target_rate, r.rate, r.users, r.requests, r.errors, r.p50_ms, r.p95_ms, r.p99_ms,
  r.max_ms, r.kind, r.mean_ms, r.p90_ms, r.min_ms, r.extra
  FROM run_phase_raw AS r WHERE $visible(r);
