SELECT format, node_count, planning_ms, execution_ms, duration_ms, total_cost, settings, query_text, extra
FROM plan ORDER BY id
