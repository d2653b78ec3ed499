SELECT node, shared_hit, shared_read, self_shared_hit AS self_hit, self_shared_read AS self_read, temp_read, temp_written,
  io_read_ms, io_write_ms, rows_removed_by_filter AS by_filter, rows_removed_by_join_filter AS by_join, sort_kb, sort_disk, hash_batches
FROM plan_node ORDER BY plan_id, node
