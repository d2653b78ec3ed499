SELECT service, operation, kind, status, http_status, start_ns, duration_ns, quality FROM span ORDER BY start_ns
