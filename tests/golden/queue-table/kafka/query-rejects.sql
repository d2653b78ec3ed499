SELECT kind, reason, CAST(bytes AS TEXT) AS bytes FROM import_reject ORDER BY offset
