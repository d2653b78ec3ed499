SELECT kind, cause, ts_ns, duration_ns, heap_before, heap_after FROM pause ORDER BY ts_ns, kind
