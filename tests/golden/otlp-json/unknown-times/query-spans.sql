SELECT span_key, operation, start_ns, duration_ns, self_ns, depth, quality FROM span ORDER BY span_key
