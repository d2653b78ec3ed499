SELECT severity, kind, count, first_offset, example FROM import_issue ORDER BY kind
