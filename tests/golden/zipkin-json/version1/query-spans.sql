SELECT s.span_key, p.span_key AS parent_key, s.service, s.operation, s.kind, s.status, s.http_status, s.start_ns, s.duration_ns, s.self_ns, s.depth, s.quality
FROM span AS s LEFT JOIN span AS p ON p.id = s.parent_id ORDER BY s.span_key
