SELECT subject_kind, subject, parent, "key", value, unit FROM config ORDER BY id
