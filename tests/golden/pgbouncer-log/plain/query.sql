SELECT strftime('%H:%M:%f', ts_ns / 1000000000.0, 'unixepoch') AS at, pid, severity, kind, user, db, client, message, pattern
  FROM log_entry ORDER BY id
