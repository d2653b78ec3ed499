SELECT strftime('%H:%M:%S', ts_ns / 1000000000, 'unixepoch') AS at, kind, service, title FROM event ORDER BY ts_ns
