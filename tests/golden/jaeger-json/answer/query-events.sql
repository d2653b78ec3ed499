SELECT name, ts_ns, attributes FROM span_event ORDER BY ts_ns
