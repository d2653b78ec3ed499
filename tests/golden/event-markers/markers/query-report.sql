SELECT 'issue' AS what, severity, kind, count, first_offset AS place, example AS text FROM import_issue
UNION ALL SELECT 'reject', NULL, kind, length, offset, CAST(bytes AS TEXT) FROM import_reject
ORDER BY what, kind
