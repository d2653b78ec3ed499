SELECT pool, kind, instance, ts_ns, active, idle, waiting, capacity, acquired, wait_p99_ms, wait_total_ms, extra FROM pool_sample ORDER BY ts_ns
