SELECT v.kind, v.name, s.normalized, x.db, x.user, x.ts_ns, x.calls, round(x.total_ms, 3) AS total_ms, x.rows, x.shared_hit,
  x.shared_read, x.wal_bytes
FROM statement_sample AS x JOIN server AS v ON v.id = x.server_id LEFT JOIN statement AS s ON s.id = x.statement_id
ORDER BY x.ts_ns, s.fingerprint
