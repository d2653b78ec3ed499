SELECT "offset", length, kind, reason, bytes FROM import_reject ORDER BY "offset"
