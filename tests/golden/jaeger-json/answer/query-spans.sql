SELECT span_key, service, instance, operation, kind, status, http_status, start_ns, duration_ns, self_ns, depth, quality FROM span ORDER BY span_key
