SELECT pool, strftime('%H:%M:%f', ts_ns / 1000000000.0, 'unixepoch') AS at, waiting, throughput, timeouts, extra
  FROM pool_sample ORDER BY ts_ns
