SELECT ts_ns, end_ns, kind, service, title, detail FROM event ORDER BY ts_ns
