SELECT position, line, kind, object, extra, length(text) AS characters FROM ddl_statement ORDER BY id
