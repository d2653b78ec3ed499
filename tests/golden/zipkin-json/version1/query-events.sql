SELECT e.name, e.ts_ns, s.span_key FROM span_event AS e JOIN span AS s ON s.id = e.span_id ORDER BY e.ts_ns
