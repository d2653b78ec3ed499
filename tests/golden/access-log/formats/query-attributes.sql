SELECT s.start_ns, a.key, a.value FROM span_attribute AS a JOIN span AS s ON s.id = a.span_id ORDER BY s.start_ns, a.key
