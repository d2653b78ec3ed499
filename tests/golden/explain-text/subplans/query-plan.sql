SELECT execution_ms, duration_ms, planning_ms, query_text, extra FROM plan ORDER BY id
