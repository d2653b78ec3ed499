SELECT severity, kind, count FROM import_issue ORDER BY kind
