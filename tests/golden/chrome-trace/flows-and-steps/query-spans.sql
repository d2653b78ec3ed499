SELECT process, thread, operation, kind, start_ns, duration_ns, depth, quality FROM span ORDER BY start_ns, thread
