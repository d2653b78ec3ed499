SELECT t.ts_ns = (SELECT max(ts_ns) FROM setting) AS same_time, t.dbname, t.relname, t.seq_scan, t.idx_scan, t.n_tup_ins, t.n_tup_upd, t.n_live_tup, t.n_dead_tup,
  t.last_analyze_ns IS NOT NULL AS analyzed, i.indexrelname, i.idx_scan AS index_scans
FROM table_sample AS t LEFT JOIN index_sample AS i ON i.relname = t.relname AND i.schemaname = t.schemaname
ORDER BY t.relname, i.indexrelname
