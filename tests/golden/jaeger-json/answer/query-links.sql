SELECT linked_trace_key, linked_span_key, attributes FROM span_link ORDER BY linked_span_key
