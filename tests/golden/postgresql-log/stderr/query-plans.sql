SELECT p.id, format, substr(query_text, 1, 40) AS query, captured_at_ns, execution_ms, duration_ms, server_version, node_count,
  (SELECT count(*) FROM log_entry AS l WHERE l.kind = 'plan' AND l.statement_id = p.statement_id) AS entries
FROM plan AS p ORDER BY p.id
