SELECT relname, attnum, attname, format_type, attnotnull, column_default, null_frac, n_distinct, most_common_vals
FROM db_column ORDER BY relname, attnum
