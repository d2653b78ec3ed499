SELECT s.fingerprint, s.normalized, x.db, x.user, x.ts_ns, x.calls, x.total_ms, x.mean_ms, x.stddev_ms, x.min_ms, x.max_ms,
  x.rows, x.shared_hit, x.shared_read, x.temp_written, x.plans, x.wal_bytes, x.extra
FROM statement_sample AS x LEFT JOIN statement AS s ON s.id = x.statement_id ORDER BY x.extra
