SELECT schemaname, relname, relkind, reltuples, relpages, relhastriggers, relispartition, reloptions, table_bytes, index_bytes, toast_bytes,
  (SELECT p.relname FROM db_table AS p WHERE p.oid = t.parent_oid) AS parent
FROM db_table AS t ORDER BY schemaname, relname
