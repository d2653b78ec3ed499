SELECT relname, indexrelname, amname, indisunique, indisprimary, indisvalid, indkey, indnkeyatts, indpred, index_bytes, constraint_name
FROM db_index ORDER BY relname, indexrelname
