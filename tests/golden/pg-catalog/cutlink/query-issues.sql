SELECT severity, kind, count, example FROM import_issue WHERE kind IN ('stale-lag', 'position-went-back') ORDER BY kind
