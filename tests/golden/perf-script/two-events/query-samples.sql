SELECT ts_ns, thread, weight FROM sample ORDER BY ts_ns
