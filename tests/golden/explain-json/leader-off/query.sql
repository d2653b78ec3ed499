SELECT node, node_type, workers_planned, workers_launched, loops, actual_rows, rows_removed_by_filter AS removed, round(wall_ms, 3) AS wall_ms,
  round(self_ms, 3) AS self_ms, round(doubt_ms, 4) AS doubt_ms, sort_kb, sort_disk, io_read_ms, io_write_ms, self_shared_hit, self_shared_read
FROM plan_node ORDER BY plan_id, node
