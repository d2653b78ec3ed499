SELECT 'issue' AS what, severity, kind, count, first_offset AS place FROM import_issue
UNION ALL SELECT 'reject', NULL, kind, length, offset FROM import_reject
UNION ALL SELECT 'source', kind, clock, rows_read, 0 FROM source
ORDER BY what, kind, place
