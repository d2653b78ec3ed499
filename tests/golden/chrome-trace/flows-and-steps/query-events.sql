SELECT e.ts_ns, e.name, s.operation, s.start_ns AS span_start_ns, e.attributes FROM span_event AS e LEFT JOIN span AS s ON s.id = e.span_id ORDER BY e.ts_ns
