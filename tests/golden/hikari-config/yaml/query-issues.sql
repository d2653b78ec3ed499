SELECT severity, kind, count, example FROM import_issue ORDER BY kind
