SELECT 'issue' AS what, severity, kind, count FROM import_issue UNION ALL SELECT 'reject', NULL, kind, offset FROM import_reject ORDER BY what, kind
