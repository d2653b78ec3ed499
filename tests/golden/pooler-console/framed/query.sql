SELECT pool, kind, mode, strftime('%H:%M:%S', ts_ns / 1000000000, 'unixepoch') AS at, capacity, active, idle, waiting,
  max_wait_ms, acquire_timeout_ms, clients, max_clients, acquired, wait_total_ms, busy_total_ms, busy_includes_wait, extra
  FROM pool_sample ORDER BY ts_ns, pool
