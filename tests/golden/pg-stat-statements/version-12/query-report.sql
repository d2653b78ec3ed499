SELECT 'issue' AS what, severity, kind, count, example FROM import_issue
UNION ALL SELECT 'reject', '', kind, length, reason FROM import_reject
UNION ALL SELECT 'source', kind, format, rows_committed, clock FROM source ORDER BY 1, 3, 4
