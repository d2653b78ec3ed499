SELECT strftime('%Y-%m-%d %H:%M:%S', ts_ns / 1000000000, 'unixepoch') AS utc, offset_seconds, kind, title, detail FROM event ORDER BY id
