SELECT trace_key, start_ns, duration_ns, span_count FROM trace ORDER BY trace_key
