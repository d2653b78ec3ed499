SELECT offset, length, kind, reason, substr(CAST(bytes AS TEXT), 1, 40) AS begins FROM import_reject ORDER BY offset
