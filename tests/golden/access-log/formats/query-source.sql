SELECT format, kind, clock, timezone, rows_read, rows_skipped FROM source
