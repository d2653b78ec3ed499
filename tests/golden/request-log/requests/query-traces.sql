SELECT trace_key, span_count, duration_ns FROM trace ORDER BY trace_key
