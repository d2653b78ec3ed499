SELECT strftime('%H:%M:%f', ts_ns / 1000000000.0, 'unixepoch') AS at, severity, kind, logger, message, context
  FROM log_entry ORDER BY ts_ns
