SELECT offset, length, kind, CAST(bytes AS TEXT) AS bytes FROM import_reject ORDER BY offset
