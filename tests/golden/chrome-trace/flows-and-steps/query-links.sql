SELECT a.operation AS from_span, b.operation AS to_span, l.derived FROM span_link AS l JOIN span AS a ON a.id = l.span_id
JOIN span AS b ON b.id = l.linked_span_id ORDER BY a.start_ns, b.start_ns
