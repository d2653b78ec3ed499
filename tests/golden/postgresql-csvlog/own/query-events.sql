SELECT ts_ns, end_ns, kind, service, title FROM event ORDER BY ts_ns, title
